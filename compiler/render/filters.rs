//! Text made harmless for where it is placed: prose in Markdown, names in anchors and diagrams.
//!
//! Does not know which template asks.

pub use crate::diag::render::is_hidden;

/// Text of a stranger as one line of Markdown: no mark of Markdown, no entity, no address that becomes a link. A name is called, and a number
/// linked, also where the sign before it is escaped: something invisible follows the sign. A mark of a list or of a rule is one only where
/// it begins the line.
pub fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '|' | '!' | '$' => safe.extend(['\\', character]),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' | '#' => safe.extend([character, '\u{200b}']),
            '\n' | '\r' | '\t' => safe.push(' '),
            _ => safe.push(character),
        }
    }
    safe.replace("://", "\\://").replace("www.", "www\\.")
}

/// A text as code within a line: more backticks around it than it holds in a row.
pub fn code(text: &str) -> String {
    let mark = "`".repeat(longest_row_of_backticks(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{mark}{blank}{text}{blank}{mark}")
}

/// What begins and ends a block of code that holds the text.
pub fn fence(text: &str) -> String {
    "`".repeat(longest_row_of_backticks(text).max(2) + 1)
}

fn longest_row_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Our own words as one line of Markdown, which may hold code between backticks: nothing can open a tag, a table cell, a heading or a link.
pub fn markdown(text: &str) -> String {
    around_code(text, own)
}

/// Text outside of code made harmless by `outside`. What stands between two backticks stays code; an odd one is none.
pub fn around_code(text: &str, outside: fn(&str) -> String) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return plain(text);
    }
    // Nothing is escaped inside code but the mark of a table's cell.
    let inside = |piece: &str| format!("`{}`", piece.replace(['\n', '\r', '\t'], " ").replace('|', "\\|"));
    let piece = |(number, piece): (usize, &&str)| if number.is_multiple_of(2) { outside(piece) } else { inside(piece) };
    pieces.iter().enumerate().map(piece).collect()
}

fn own(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '|' | '[' | ']' => safe.extend(['\\', character]),
            _ => safe.push(character),
        }
    }
    safe
}

/// The anchor that code hosts give to a heading that is a step's id.
pub fn anchor(id: &str) -> String {
    id.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').collect()
}

/// A machine's name as a Mermaid identifier.
pub fn mermaid(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_can_open_neither_a_tag_nor_a_cell() {
        assert_eq!(markdown("a <b> | [c](d)\n# e"), "a &lt;b&gt; \\| \\[c\\](d) # e");
    }

    #[test]
    fn a_stranger_s_text_calls_nobody_and_opens_nothing() {
        assert_eq!(plain("ask @team <b> `x"), "ask @\u{200b}team &lt;b&gt; \\`x");
        assert_eq!(plain("\\[a\\](b)"), "\\\\\\[a\\\\\\](b)");
        assert_eq!(plain("&#64;team #1 https://a.b $x$"), "&amp;#\u{200b}64;team #\u{200b}1 https\\://a.b \\$x\\$");
    }

    #[test]
    fn code_holds_any_backticks() {
        assert_eq!((code("a"), code("a`b"), code("``a")), ("`a`".to_owned(), "``a`b``".to_owned(), "``` ``a ```".to_owned()));
        assert_eq!((fence("a `b`"), fence("a ```\n~~~~~~")), ("```".to_owned(), "````".to_owned()));
    }

    #[test]
    fn an_anchor_is_what_code_hosts_make_of_the_heading() {
        assert_eq!(anchor("50-move-virtual-ip/vm-1.lower"), "50-move-virtual-ipvm-1lower");
    }
}
