//! Any text as a spec.

use replank::source::SourceFile;

use super::answer;

/// Bytes that are no UTF-8 are refused by `cli/input.rs` before anything else sees them; here they are read as well as they can be.
pub fn run(bytes: &[u8]) {
    if let Some(compiled) = answer::to(&SourceFile::new("migration.yaml", String::from_utf8_lossy(bytes))) {
        answer::is_whole(&compiled.tree);
    }
}
