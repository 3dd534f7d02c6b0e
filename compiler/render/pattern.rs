//! A text without the words that are its own, held against other texts.
//!
//! Does not know what the texts are, nor what the words mean.

/// The pieces of a text between its own words. What differs from text to text is a word by its number.
pub struct Pattern {
    /// Each with the number of the word that follows it.
    pieces: Vec<(String, usize)>,
    rest: String,
}

impl Pattern {
    /// Takes these words out of the text, wherever they stand by themselves.
    pub fn of(text: &str, words: &[String]) -> Self {
        Self::without(text, words, |start, length| stands_alone(text, start, length))
    }

    /// Takes these marks out of the text, wherever they stand: they are no words of anybody.
    pub fn marked(text: &str, marks: &[impl AsRef<str>]) -> Self {
        Self::without(text, marks, |_, _| true)
    }

    fn without(text: &str, words: &[impl AsRef<str>], is_one: impl Fn(usize, usize) -> bool) -> Self {
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for (number, word) in words.iter().map(AsRef::as_ref).enumerate().filter(|(_, word)| !word.is_empty()) {
            let places = text.match_indices(word).filter(|(start, _)| is_one(*start, word.len()));
            found.extend(places.map(|(start, _)| (start, start + word.len(), number)));
        }
        // Of two that begin at one place the longer: a word inside another one is a part of it.
        found.sort_unstable_by_key(|(start, end, number)| (*start, usize::MAX - end, *number));
        let (mut pieces, mut last) = (Vec::with_capacity(found.len()), 0);
        for (start, end, number) in found {
            if let Some(piece) = text.get(last..start) {
                pieces.push((piece.to_owned(), number));
                last = end;
            }
        }
        Self { pieces, rest: text.get(last..).unwrap_or_default().to_owned() }
    }

    /// Whether a text is this one with its own words in the gaps.
    pub fn is_said_by(&self, text: &str, words: &[String]) -> bool {
        let word = |number: usize| words.get(number).map_or("", String::as_str);
        let rest =
            self.pieces.iter().try_fold(text, |text, (piece, number)| text.strip_prefix(piece.as_str())?.strip_prefix(word(*number)));
        rest == Some(self.rest.as_str())
    }

    /// The text with these words in the gaps.
    pub fn fill(&self, words: &[String]) -> String {
        let word = |number: usize| words.get(number).map_or("", String::as_str);
        let length = self.pieces.iter().map(|(piece, number)| piece.len() + word(*number).len()).sum::<usize>() + self.rest.len();
        let mut text = String::with_capacity(length);
        for (piece, number) in &self.pieces {
            text.push_str(piece);
            text.push_str(word(*number));
        }
        text.push_str(&self.rest);
        text
    }
}

/// Whether this is a word by itself and no part of a longer one, such as an address of another. An escape of JSON is no letter.
fn stands_alone(text: &str, start: usize, length: usize) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    let before = text.get(..start).unwrap_or_default();
    let follows_an_escape = before.ends_with("\\n") || before.ends_with("\\t");
    let begins = follows_an_escape || !is_part(before.chars().next_back());
    begins && !is_part(text.get(start + length..).and_then(|after| after.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str, address: &str) -> [String; 2] {
        [name.to_owned(), address.to_owned()]
    }

    #[test]
    fn a_text_is_said_by_another_machine_and_not_with_another_word() {
        let pattern = Pattern::of("ask w-1 (10.0.0.1), not w-10 (10.0.0.10)\\nw-1", &words("w-1", "10.0.0.1"));
        assert!(pattern.is_said_by("ask w-2 (10.0.0.2), not w-10 (10.0.0.10)\\nw-2", &words("w-2", "10.0.0.2")));
        assert!(!pattern.is_said_by("ask w-2 (10.0.0.2), not w-20 (10.0.0.10)\\nw-2", &words("w-2", "10.0.0.2")));
        assert!(!pattern.is_said_by("ask w-2 (10.0.0.2), not w-10 (10.0.0.10)\\nw-2 now", &words("w-2", "10.0.0.2")));
        assert_eq!(pattern.fill(&words("NAME", "PLACE")), "ask NAME (PLACE), not w-10 (10.0.0.10)\\nNAME");
    }

    #[test]
    fn a_mark_is_taken_out_inside_a_word_as_well() {
        let pattern = Pattern::marked("a-zqN1 zqN", &["zqN"]);
        assert_eq!(pattern.fill(&["w-1".to_owned()]), "a-w-11 w-1");
    }

    #[test]
    fn a_word_inside_another_is_a_part_of_it() {
        let pattern = Pattern::of("at /a/w-1/b", &["w-1".to_owned(), "/a/w-1/b".to_owned()]);
        assert!(pattern.is_said_by("at /c", &["w-9".to_owned(), "/c".to_owned()]));
    }
}
