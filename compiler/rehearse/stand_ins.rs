//! The programs that stand in for what cannot run here, and those that watch, inside the binary.
//!
//! `docs/rehearsal/` has a page for each: what it models, and from which source.

use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

static STAND_INS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/compiler/rehearse/stand_ins");

/// Path below the folder of stand-ins and text of every program.
pub fn texts() -> BTreeMap<&'static str, &'static str> {
    let mut found = BTreeMap::new();
    collect(&STAND_INS, &mut found);
    found
}

fn collect(directory: &'static Dir<'static>, found: &mut BTreeMap<&'static str, &'static str>) {
    for entry in directory.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, found),
            DirEntry::File(file) => {
                if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                    found.insert(path, text);
                }
            }
        }
    }
}

/// The text of one program; empty when there is none of this name, which fails where it is used.
pub fn text(path: &str) -> &'static str {
    STAND_INS.get_file(path).and_then(include_dir::File::contents_utf8).unwrap_or_default()
}
