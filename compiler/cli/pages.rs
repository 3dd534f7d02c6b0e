//! The pages of the diagnostics, inside the binary: `docs/diagnostics/<CODE>.md`.

use include_dir::{Dir, include_dir};

use crate::diag::Code;

static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/docs/diagnostics");

/// The page of a code, in Markdown.
pub fn page(code: Code) -> Option<&'static str> {
    PAGES.get_file(format!("{}.md", code.name())).and_then(|file| file.contents_utf8())
}
