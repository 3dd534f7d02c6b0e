//! Text, and places in text.
//!
//! Responsible for: owning the text of the spec, and turning byte offsets into lines and columns.
//! Does not know: what the text means, or that it is YAML.

mod file;
mod place;

pub use file::{LineColumn, STANDARD_INPUT, SourceFile};
pub use place::{Located, Place, Span};
