//! A regular expression that a command's output must match: POSIX extended, as `grep -E` reads it.
//!
//! Refuses what grep refuses, and what POSIX leaves open: there other greps read something else. Does not match anything.

use std::str::Chars;

/// So often may something be repeated (RE_DUP_MAX of the GNU C library).
const MOST_REPEATS: u32 = 32_767;

const CLASSES: [&str; 12] = ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"];

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Expression(String);

impl Expression {
    /// Checks and keeps the text; the error says what was found in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str) -> Result<(), String> {
    let (mut rest, mut open, mut can_repeat) = (text.chars(), 0_usize, false);
    while let Some(character) = rest.next() {
        let is_repetition = match character {
            '*' | '+' | '?' => true,
            '{' => interval(&mut rest)?,
            _ => false,
        };
        if is_repetition && !can_repeat {
            return Err(format!("a `{character}` with nothing before it to repeat"));
        }
        match character {
            '(' => open += 1,
            ')' => open = open.checked_sub(1).ok_or("a `)` without its `(`")?,
            '[' => bracket(&mut rest)?,
            '\\' => escape(&mut rest)?,
            _ => {}
        }
        can_repeat = !matches!(character, '(' | '|' | '^');
    }
    if open > 0 { Err("a `(` without its `)`".to_owned()) } else { Ok(()) }
}

/// Letters after a backslash mean nothing in POSIX; GNU's own few are known everywhere.
fn escape(rest: &mut Chars<'_>) -> Result<(), String> {
    match rest.next() {
        None => Err("a backslash at its end".to_owned()),
        Some('w' | 'W' | 's' | 'S' | 'b' | 'B') => Ok(()),
        Some(digit) if digit.is_ascii_digit() => Err(format!("`\\{digit}`, which refers back")),
        Some(letter) if letter.is_alphanumeric() => Err(format!("`\\{letter}`, which means nothing there")),
        Some(_) => Ok(()),
    }
}

/// Whether a repetition such as `{2,3}` begins here, which is then read; another brace stands for itself.
fn interval(rest: &mut Chars<'_>) -> Result<bool, String> {
    let Some((inside, after)) = rest.as_str().split_once('}') else { return Ok(false) };
    if !inside.bytes().all(|byte| byte.is_ascii_digit() || byte == b',') || inside.matches(',').count() > 1 {
        return Ok(false);
    }
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let number = |text: &str, missing: u32| if text.is_empty() { Some(missing) } else { text.parse().ok() };
    let bounds = number(least, 0).zip(number(most, MOST_REPEATS));
    if inside.is_empty() || bounds.is_none_or(|(least, most)| least > most || most > MOST_REPEATS) {
        return Err(format!("`{{{inside}}}`, which is no number of repetitions"));
    }
    *rest = after.chars();
    Ok(true)
}

/// What stands between `[` and its `]`.
fn bracket(rest: &mut Chars<'_>) -> Result<(), String> {
    let text = rest.as_str();
    let is_bare_class = text.strip_prefix(':').and_then(|text| text.split_once(']')).is_some_and(|(name, _)| name.ends_with(':'));
    if is_bare_class {
        return Err("`[:class:]`, which is written `[[:class:]]`".to_owned());
    }
    *rest = text.strip_prefix('^').unwrap_or(text).chars();
    let mut is_first = true;
    loop {
        let character = rest.next().ok_or("a `[` without its `]`")?;
        match character {
            ']' if !is_first => return Ok(()),
            '-' if !is_first && !rest.as_str().starts_with(']') => {
                return Err("a `-` in brackets that is no range: it stands first or last".to_owned());
            }
            _ => {}
        }
        let from = element(character, rest)?;
        let to = rest.as_str().strip_prefix('-').filter(|to| !to.starts_with(']'));
        if let Some(to) = to {
            *rest = to.chars();
            let end = rest.next().ok_or("a `[` without its `]`")?;
            let to = element(end, rest)?;
            if from.zip(to).is_none_or(|(from, to)| from > to) {
                return Err("a range in brackets that goes backwards, or ends at a class".to_owned());
            }
        }
        is_first = false;
    }
}

/// One element of a bracket: its character, or nothing where it is a class.
fn element(first: char, rest: &mut Chars<'_>) -> Result<Option<char>, String> {
    let kind = rest.as_str().chars().next().filter(|kind| first == '[' && matches!(kind, ':' | '.' | '='));
    let Some(kind) = kind else { return Ok(Some(first)) };
    rest.next();
    let (name, after) = rest.as_str().split_once(&format!("{kind}]")).ok_or("a `[` without its `]`")?;
    *rest = after.chars();
    let mut characters = name.chars();
    match (kind, characters.next(), characters.next()) {
        (':', ..) if CLASSES.contains(&name) => Ok(None),
        ('.', Some(only), None) => Ok(Some(only)),
        ('=', Some(_), None) => Ok(None),
        _ => Err(format!("`[{kind}{name}{kind}]`, which is no class of characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grep_reads_is_an_expression() {
        for good in [
            "",
            "done",
            "Healing disk .* complete",
            "^(a|b)+$",
            "\\(ok\\)",
            "[]a]",
            "[^]a]",
            "[a-]",
            "[--a]",
            "[%--]",
            "[[]",
            "[a\\]b]",
            "[[:space:]]{1,3}",
            "[[.x.]-z]",
            "a{,3}",
            "a{2}",
            "a{32767}",
            "a{",
            "{\"ok\": true}",
            "a{1a}",
            "\\<x\\>",
            "\\w+ \\{",
            "a|",
            "()*",
        ] {
            assert_eq!(Expression::parse(good).map(|kept| kept.as_str().to_owned()), Ok(good.to_owned()));
        }
    }

    #[test]
    fn what_grep_refuses_or_every_grep_reads_otherwise_is_none() {
        for bad in [
            "(",
            "a(b",
            ")",
            "[",
            "[]",
            "[^]",
            "[a-",
            "[z-a]",
            "[a-c-e]",
            "[a-[:alpha:]]",
            "[[:alpha:]-z]",
            "[[:foo:]]",
            "[[:alpha",
            "[:alpha:]",
            "[[.ab.]]",
            "a{}",
            "a{2,1}",
            "a{32768}",
            "a{99999999999}",
            "\\",
            "a\\",
            "(a)\\1",
            "\\d+",
            "*.yaml",
            "(?i)x",
            "a|*b",
            "^*",
            "{1}",
        ] {
            assert!(Expression::parse(bad).is_err(), "{bad}");
        }
    }
}
