//! Where a plan goes: a parent, a name in it, and the hidden sibling in which the new plan is built.
//!
//! Only arithmetic on paths; touches nothing.

use std::path::{Path, PathBuf};

use super::WriteError;

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub parent: PathBuf,
    pub directory: PathBuf,
    /// In the same parent, so that it is on the same file system and can be exchanged in one step.
    pub sibling: PathBuf,
}

impl Place {
    pub fn of(output: &Path) -> Result<Self, WriteError> {
        if output.components().any(|part| part.as_os_str() == ".git") {
            return Err(WriteError::InsideGit(output.to_owned()));
        }
        let name = output.file_name().ok_or_else(|| WriteError::NoName(output.to_owned()))?;
        let parent = match output.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let mut sibling_name = std::ffi::OsString::from(".");
        sibling_name.push(name);
        sibling_name.push(".replank-new");
        Ok(Self { directory: parent.join(name), sibling: parent.join(sibling_name), parent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sibling_is_hidden_and_in_the_same_parent() {
        let place = Place::of(Path::new("out/plan/")).unwrap();
        assert_eq!(place.directory, Path::new("out/plan"));
        assert_eq!(place.sibling, Path::new("out/.plan.replank-new"));
        assert_eq!(Place::of(Path::new("plan")).unwrap().parent, Path::new("."));
    }

    #[test]
    fn the_directory_in_which_git_keeps_its_objects_is_refused() {
        for output in [".git", "a/.git/plan"] {
            assert!(matches!(Place::of(Path::new(output)), Err(WriteError::InsideGit(_))), "{output}");
        }
        assert!(Place::of(Path::new("a.git")).is_ok());
    }

    #[test]
    fn a_directory_without_a_name_is_refused() {
        for output in [".", "..", "/", "a/.."] {
            assert!(matches!(Place::of(Path::new(output)), Err(WriteError::NoName(_))), "{output}");
        }
    }
}
