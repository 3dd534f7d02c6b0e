//! Text made harmless for where it is placed: prose in Markdown, names in anchors and diagrams.
//!
//! Does not know which template asks.

/// Free text as one line of Markdown: nothing in it can open a tag, a table cell, a heading or a link.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' => safe.push_str("\\|"),
            '[' | ']' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
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
    fn an_anchor_is_what_code_hosts_make_of_the_heading() {
        assert_eq!(anchor("50-move-virtual-ip/vm-1.lower"), "50-move-virtual-ipvm-1lower");
    }
}
