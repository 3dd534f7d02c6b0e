//! `replank explain`: the page of a diagnostic, found by its code or by its name.

use crate::diag::{Code, suggest};

use super::arguments::ExplainArguments;
use super::{Exit, Output, pages};

pub fn run(arguments: &ExplainArguments, output: &Output) -> Exit {
    let asked = arguments.code.trim();
    let is_asked = |code: &&Code| code.name().eq_ignore_ascii_case(asked) || code.slug().eq_ignore_ascii_case(asked);
    match Code::ALL.iter().find(is_asked) {
        Some(code) => {
            // A page is missing only between two commits: a test asserts that each code has one.
            let headline = format!("# {}: {}", code.name(), code.headline());
            output.result(pages::page(*code).unwrap_or(&headline));
            Exit::Done
        }
        None => {
            let names = Code::ALL.iter().flat_map(|code| [code.name(), code.slug()]);
            let hint = suggest::nearest(asked, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            output.error(&format!("there is no diagnostic `{asked}`{hint}"));
            Exit::Usage
        }
    }
}
