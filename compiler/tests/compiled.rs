//! The plan of a compiled spec as data, for tests that read it.

use replank::pipeline::Compiled;
use replank::render::document::PlanDocument;

/// Read from the text that is written. Kept until the tests end, so that what is found in it may be handed on.
pub fn document(compiled: &Compiled) -> &'static PlanDocument {
    Box::leak(Box::new(compiled.tree.document().unwrap()))
}
