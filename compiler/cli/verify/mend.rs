//! The command that makes a plan directory what it should be, as a shell reads it.
//!
//! Does not run it.

use std::path::Path;

use crate::render::Language;
use crate::write::{Existing, Force};

/// What `compile` writes by itself.
pub(super) const EVERY_LANGUAGE: &[Language] = &[Language::English, Language::Chinese];

/// Writes the plan of this spec over the directory, in the languages that it has.
pub(super) fn command(spec: &Path, name: &str, languages: &[Language], force: Force) -> String {
    let lang = match languages {
        [Language::English] => " --lang en",
        [Language::Chinese] => " --lang zh",
        _ => "",
    };
    let input = if spec == Path::new("-") { " < SPEC" } else { "" };
    format!("replank compile {} -o {}{lang}{}{input}", quoted(&spec.display().to_string()), quoted(name), word(force))
}

/// The same where nobody has said which spec it is.
pub(super) fn command_without_spec(name: &str, force: Force) -> String {
    format!("replank compile SPEC -o {}{}", quoted(name), word(force))
}

/// The languages that the directory was written with. Where the runbooks are gone, the ones that `compile` writes by itself.
pub(super) fn languages(found: &Existing) -> Vec<Language> {
    let listed: Vec<Language> = [("RUNBOOK.md", Language::English), ("RUNBOOK.zh.md", Language::Chinese)]
        .into_iter()
        .filter(|(file, _)| found.ours.contains_key(*file))
        .map(|(_, language)| language)
        .collect();
    if listed.is_empty() { EVERY_LANGUAGE.to_vec() } else { listed }
}

fn word(force: Force) -> &'static str {
    match force {
        Force::Yes => " --force",
        Force::No => "",
    }
}

/// A path as a shell reads it back, and as no option.
pub fn quoted(path: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-+=:@%,".contains(character);
    let path = if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.to_owned() };
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_back_as_it_was() {
        assert_eq!(quoted("plans/a-1.yaml"), "plans/a-1.yaml");
        assert_eq!(quoted("it's a $plan"), r"'it'\''s a $plan'");
        assert_eq!([quoted("-x.yaml"), quoted("-")], ["./-x.yaml", "-"]);
    }

    #[test]
    fn a_spec_from_standard_input_is_asked_for() {
        assert_eq!(command(Path::new("-"), "plan", &[Language::Chinese], Force::No), "replank compile - -o plan --lang zh < SPEC");
    }
}
