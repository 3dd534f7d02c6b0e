//! Texts of others in a comment: nothing in them calls anybody, opens or closes anything, or is read otherwise than it is written.
//!
//! Knows the Markdown of code hosts. Does not know what is shown.

use crate::diff::visible::visible;
use crate::render::filters;

/// A block of diff, fenced by more backticks than it holds in a row.
pub(super) fn fenced(lines: &str) -> String {
    let lines = &*visible(lines);
    let fence = filters::fence(lines);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{fence}diff\n{lines}{end}{fence}\n")
}

/// Free text that calls nobody, opens nothing, and shows every character. Code between two backticks stays.
pub(super) fn prose(text: &str) -> String {
    filters::around_code(&visible(text), filters::plain)
}

/// A name, or a command, as code: nothing in it can end the code.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace(['`', '\n', '|'], " "))
}

/// Lines of a block that are shown: the beginning of a script of a thousand lines says more than nothing.
const LINES: usize = 150;

pub(super) fn shortened(diff: &str) -> String {
    let lines = diff.lines().count();
    if lines <= LINES {
        return diff.to_owned();
    }
    let kept: String = diff.lines().take(LINES).flat_map(|line| [line, "\n"]).collect();
    format!("{kept}… and {} more lines\n", lines - LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_calls_nobody_and_opens_nothing() {
        assert_eq!(prose("ask @team <b> `x"), "ask @\u{200b}team &lt;b&gt; \\`x");
        assert_eq!(prose("\\[a\\](b)"), "\\\\\\[a\\\\\\](b)");
        assert_eq!(prose("run `a_b` _now_"), "run `a_b` \\_now\\_");
        assert_eq!(prose("&#64;team #1 https://a.b"), "&amp;#\u{200b}64;team #\u{200b}1 https\\://a.b");
        assert_eq!(prose("a\u{202e}b"), "a\\\\u{202e}b");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert!(fenced("+```\n").starts_with("````diff\n"));
        assert_eq!(fenced("a\u{202e}"), "```diff\na\\u{202e}\n```\n");
    }
}
