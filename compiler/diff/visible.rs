//! Characters that nobody sees, shown as what they are: a line that ends otherwise, or that is read in another order than it runs, is a difference.
//!
//! Does not know where a text is shown.

use std::borrow::Cow;

use crate::render::filters;

/// A text whose every character can be seen. Line feeds and tabs stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) { shown.extend(character.escape_unicode()) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

fn is_hidden(character: char) -> bool {
    !matches!(character, '\n' | '\t') && filters::is_hidden(character)
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_nobody_sees_is_written_out_and_the_rest_stays() {
        assert_eq!(visible("a\r\n\tb\u{202e}c\u{200b}标"), "a\\u{d}\n\tb\\u{202e}c\\u{200b}标");
        assert!(matches!(visible("标 a\n"), std::borrow::Cow::Borrowed(_)));
    }
}
