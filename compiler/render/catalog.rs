//! All templates, inside the binary.

use include_dir::{Dir, DirEntry, include_dir};

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Path below `templates/` and text of every template.
pub fn texts() -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    collect(&TEMPLATES, &mut found);
    found.sort_unstable();
    found
}

fn collect(directory: &'static Dir<'static>, found: &mut Vec<(&'static str, &'static str)>) {
    for entry in directory.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, found),
            DirEntry::File(file) => {
                if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                    found.push((path, text));
                }
            }
        }
    }
}
