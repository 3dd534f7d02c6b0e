//! A valid spec, changed as a tree: names, roles and numbers that still look like a spec, and lead deep into the compiler.

use replank::pipeline;
use replank::source::SourceFile;

use super::answer;
use super::choices::Choices;
use super::mutate;
use super::seeds::TREES;

/// More changes than these make no spec that is looked at twice.
const MOST_CHANGES: usize = 48;

/// Size is the business of texts; here it would only take the time from depth.
const LONGEST: usize = 16 * 1024;

pub fn run(bytes: &[u8]) {
    let text = spec(bytes);
    if text.len() > LONGEST {
        return;
    }
    let file = SourceFile::new("migration.yaml", text);
    let Some(compiled) = answer::to(&file) else { return };
    answer::is_whole(&compiled.tree);
    // Half of the time would go into proving what hardly depends on the input.
    if bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)) % 8 > 0 {
        return;
    }
    let again = pipeline::compile(&file, answer::LANGUAGES).expect("what compiled once compiles again");
    assert_eq!(compiled.tree, again.tree, "the same spec gives the same bytes");
}

/// The spec that an input tells: which one it begins with, how it is written, and what is changed.
pub fn spec(bytes: &[u8]) -> String {
    let mut choices = Choices::new(bytes);
    let mut tree = choices.of(&TREES).clone();
    let style = choices.below(4);
    for _ in 0..MOST_CHANGES {
        if choices.are_spent() {
            break;
        }
        mutate::change(&mut tree, &mut choices);
    }
    match style {
        0 => serde_json::to_string(&tree).expect("a tree without cycles"),
        1 => serde_json::to_string_pretty(&tree).expect("a tree without cycles"),
        _ => serde_yaml::to_string(&tree).expect("a tree without cycles"),
    }
}
