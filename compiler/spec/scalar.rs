//! What an unquoted word means: the core schema of YAML 1.2, with one restraint.
//!
//! `no`, `on` and `yes` are text. A number with a leading zero stays text, because one reader of `0644` means octal and
//! another decimal: a field that wants a number then refuses it. Knows nothing of places.

use serde_json::Number;

use super::tree::Content;

pub(super) fn resolve(word: &str) -> Content {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ => number(word).map_or_else(|| Content::Text(word.to_owned()), Content::Number),
    }
}

fn number(word: &str) -> Option<Number> {
    if let Some(digits) = word.strip_prefix("0x") {
        return digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u64::from_str_radix(digits, 16).ok())?.map(Number::from);
    }
    if let Some(digits) = word.strip_prefix("0o") {
        return digits.bytes().all(|byte| matches!(byte, b'0'..=b'7')).then(|| u64::from_str_radix(digits, 8).ok())?.map(Number::from);
    }
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let starts = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !starts || leading_zero || !digits.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let plain = word.strip_prefix('+').unwrap_or(word);
        let whole = plain.parse::<u64>().map(Number::from).or_else(|_| plain.parse::<i64>().map(Number::from));
        return whole.ok().or_else(|| plain.parse::<f64>().ok().and_then(Number::from_f64));
    }
    let float = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if float { word.parse::<f64>().ok().and_then(Number::from_f64) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_older_readers_take_for_truth_are_text() {
        for word in
            ["no", "on", "yes", "off", "y", "0644", "007", "1.2.3", "v1", "1_000", "12:30:45", ".inf", ".nan", "0x", "0o9", "-", "+"]
        {
            assert!(matches!(resolve(word), Content::Text(_)), "{word}");
        }
    }

    #[test]
    fn numbers_are_numbers() {
        for (word, value) in [("0", 0), ("-7", -7), ("+5", 5), ("0x1F", 31), ("0o17", 15)] {
            assert!(matches!(resolve(word), Content::Number(found) if found.as_i64() == Some(value)), "{word}");
        }
        for word in ["1.5", "1e3", ".5", "99999999999999999999999"] {
            assert!(matches!(resolve(word), Content::Number(found) if found.is_f64()), "{word}");
        }
    }

    #[test]
    fn nothing_is_null() {
        for word in ["", "~", "null"] {
            assert!(matches!(resolve(word), Content::Null), "{word}");
        }
    }
}
