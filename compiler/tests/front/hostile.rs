//! Texts that mean harm: each is refused with a place, within bounds, and never by a panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use replank::diag::render::{Format, Style, render};
use replank::diag::suggest::nearest;
use replank::pipeline::{Refusal, compile};
use replank::source::{SourceFile, Span};

use super::base::{BASE, edited, human, resolve};

/// Far above what any of these takes; only a reader that has gone quadratic exceeds it.
const GUARD: Duration = Duration::from_secs(20);

#[allow(clippy::disallowed_methods, reason = "a guard against a reader that has gone quadratic")]
fn within_the_guard<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    assert!(start.elapsed() < GUARD, "took {:?}", start.elapsed());
    done
}

fn bounded(text: &str) -> String {
    within_the_guard(|| human(text))
}

#[test]
fn nesting_is_bounded_however_it_is_written() {
    for part in ["[", "{", "- ", "? ", "{a: ", "[{", "[\n", "- [", "? - "] {
        let shown = bounded(&part.repeat(100_000));
        assert!(shown.starts_with("error[S1"), "{part:?}: {}", shown.chars().take(200).collect::<String>());
    }
    let steps: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(bounded(&steps).contains("[S107]"));
}

#[test]
fn long_texts_of_any_pattern_are_read_in_bounded_time() {
    let parts = [
        "a",
        "a ",
        "a\n",
        "\"",
        "\"a",
        "'",
        "&a ",
        "*a ",
        "!a ",
        "# ",
        "\n",
        "\r",
        "\r\n",
        "a: ",
        "a: b\n",
        "- a\n",
        ": ",
        ", ",
        "|\n",
        ">\n a\n",
        "%",
        "---\n",
        "...\n",
        "]",
        "}",
        "@",
        "`",
        "\\",
        "标",
        "\u{feff}",
        "[a, ",
        "{a, ",
        "a: [b]\n",
        "? a\n: b\n",
        "\t",
        " ",
        "  - a\n",
        "[]: ",
        "<<: ",
    ];
    for part in parts {
        bounded(&part.repeat(400_000 / part.len()));
        bounded(&format!("a: {}", part.repeat(100_000 / part.len())));
        bounded(&format!("[{}", part.repeat(100_000 / part.len())));
    }
}

#[test]
fn aliases_cannot_multiply_a_long_text() {
    let text = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 10_000].join(", "));
    assert!(bounded(&text).contains("[S108]"));
}

#[test]
fn aliases_within_the_budget_are_read() {
    let text = edited(&[
        ("controlPlane: [new-1, new-2]", "controlPlane: &new [new-1, new-2]"),
        ("    etcd: [new-1, new-2]", "    etcd: *new"),
        ("    virtualIp: [new-1, new-2]", "    virtualIp: *new"),
    ]);
    assert_eq!(human(&text), "");
}

#[test]
fn an_alias_cannot_carry_a_value_below_the_deepest_level() {
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert!(bounded(&format!("a: &a {deep}\nb: [[[[[[*a]]]]]]\n")).contains("[S107]"));
}

#[test]
fn empty_files_say_so() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "\u{feff}", "~", "null\n"] {
        assert!(human(text).contains("[S104]"), "{text:?}");
    }
}

#[test]
fn documents_that_are_no_mapping_are_refused_by_their_type() {
    for text in ["[]", "- a\n", "text", "12", "true", "\"\""] {
        assert!(human(text).contains("[S203]"), "{text:?}: {}", human(text));
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    assert_eq!(human(&BASE.replace('\n', "\r\n")), "");
    assert_eq!(human(&format!("\u{feff}{BASE}")), "");
    let wrong = BASE.replace("routerId: 51", "routerId: 999");
    let plain = human(&wrong);
    assert!(plain.contains("[S206]"));
    assert_eq!(human(&wrong.replace('\n', "\r\n")), plain);
    assert_eq!(human(&format!("\u{feff}{wrong}")), plain);
}

#[test]
fn a_null_byte_is_refused_where_it_stands() {
    let shown = human(&BASE.replace("harbour", "har\0bour"));
    assert!(shown.contains("[S103]") && shown.contains("U+0000") && shown.contains(":8:14"), "{shown}");
}

#[test]
fn numbers_with_leading_zeros_and_old_truth_values_are_text() {
    assert!(human(&edited(&[("routerId: 51", "routerId: 0051")])).contains("expected a whole number, found the text `0051`"));
    assert!(human(&edited(&[("clientPort: 2379", "clientPort: 2379.0")])).contains("expected a whole number, found 2379.0"));
    assert!(human(&edited(&[("name: harbour", "name: no")])).is_empty());
    assert!(human(&edited(&[("name: harbour", "name: 12")])).contains("expected text, found the number 12"));
}

#[test]
fn nothing_is_not_a_list() {
    let shown = human(&edited(&[("    workers: [work-1]\n    etcd: [new-1", "    workers:\n    etcd: [new-1")]));
    assert!(shown.contains("expected a list, found nothing"), "{shown}");
}

/// Every way to put a secret where a reference belongs; the word must appear in no voice.
#[test]
fn a_literal_secret_is_shown_in_no_voice() {
    let forms = [
        "password: hunter2",
        "password: \"hunter2\"",
        "password: {file: hunter2}",
        "password: {env: hunter2}",
        "password: [hunter2]",
        "password: {value: hunter2}",
        "passwrod: hunter2",
        "vrrpPassword: hunter2",
        "password: |\n        hunter2\n        hunter2",
        "password: \"hunter2",
        "password: {file: /a, env: hunter2}",
        "password: hunter2\n      password: hunter2",
        "password: {hunter2: a, file: /a",
        "password: !!str hunter2",
        "password: &secret hunter2",
        "password: {file: {a: hunter2}}",
        "password: >-\n        hunter2\n\n        hunter2\n       : x",
    ];
    for form in forms {
        let text = edited(&[("password: {env: VRRP_PASSWORD}", form), ("routerId: 51", "routerId: 0")]);
        let Err(findings) = resolve(&text) else { panic!("{form} must be refused") };
        for format in [Format::Human, Format::Short, Format::Json, Format::Sarif, Format::Github] {
            let shown = render(&findings, &SourceFile::new("migration.yaml", &text), format, Style::Plain);
            assert!(!shown.contains("hunter2") || form.contains("hunter2:"), "{form}: {shown}");
        }
    }
}

#[test]
fn no_control_character_reaches_a_terminal() {
    for edit in [
        ("old-1: {address", "\"old\\e[31m\": {address"),
        ("name: harbour", "name: \"\\e]0;x\\a\""),
        ("order: addThenRemove", "\"or\\eder\": x"),
        ("etcd: [new-1, new-2]", "etcd: [\"\\e[2J\"]"),
        ("tls-san: [api", "\"tls\\e-san\": [api"),
        ("{before: grow-etcd}", "{before: \"\\e\"}"),
        ("on: workstation", "on: \"\\e\\u202e\""),
    ] {
        let shown = human(&edited(&[edit]));
        assert!(shown.contains("error["), "{edit:?}");
        assert!(!shown.chars().any(|character| character != '\n' && (character.is_control() || character == '\u{202e}')), "{shown:?}");
    }
}

#[test]
fn ten_thousand_machines_are_read() {
    let machines: String = (0..10_000)
        .map(|index| format!("    w-{index}: {{address: 10.{}.{}.{}}}\n", 30 + index / 60_000, index / 250, index % 250 + 1))
        .collect();
    let workers: String = (0..10_000).map(|index| format!("      - w-{index}\n")).collect();
    let text = edited(&[
        ("  machines:\n", &format!("  machines:\n{machines}")),
        ("    workers: [work-1]\n    etcd: [new-1", &format!("    workers:\n      - work-1\n{workers}    etcd: [new-1")),
    ]);
    assert_eq!(bounded(&text), "");
    let slips = text.replace("      - w-", "      - v-");
    assert!(bounded(&slips).ends_with("10000 errors, 10000 warnings\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}|[-\\[\\]{}:,&*!|>'\"%@`#? \n\ta1~<]{0,200}") {
        human(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        human(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_spec_with_a_part_replaced_is_answered(at in 0..1700usize, length in 0..40usize, with in "[-\\[\\]{}:,&*!|>'\"#? \n\ta1~<\u{1b}]{0,12}") {
        let boundary = |at: usize| (0..=at.min(BASE.len())).rev().find(|at| BASE.is_char_boundary(*at)).unwrap_or(0);
        let mut text = BASE.to_owned();
        text.replace_range(boundary(at)..boundary(at + length), &with);
        let shown = human(&text);
        let harmless = !shown.contains('\u{1b}');
        prop_assert!(harmless);
    }
}

#[test]
fn a_place_in_a_line_of_eight_megabytes_is_found_at_once() {
    let file = SourceFile::new("migration.yaml", "标a".repeat(1 << 21));
    let places = || (0..1 << 23).step_by(64);
    within_the_guard(|| places().for_each(|at| assert_eq!(file.position(Span::new(at, at)).column, at / 2 + 1)));
    within_the_guard(|| places().for_each(|at| assert_eq!(file.line(at), (1, 0..1 << 23))));
}

#[test]
fn a_word_of_a_megabyte_is_compared_with_no_name_letter_by_letter() {
    let names: Vec<String> = (0..10_000).map(|index| format!("worker-{index}")).collect();
    within_the_guard(|| assert_eq!(nearest(&"w".repeat(1 << 20), names.iter().map(String::as_str)), None));
}

#[test]
fn of_keys_that_nobody_knows_a_thousand_are_told() {
    let keys: String = (0..3_000).map(|index| format!("k{index}: 1\n")).collect();
    let text = format!("{BASE}\n{keys}vrrpPassword: hunter2\n");
    let Err(findings) = resolve(&text) else { panic!("nobody knows them") };
    assert_eq!(findings.len(), 1_000);
    let is_hidden = findings.concealed().iter().any(|span| &text[span.start..span.end] == "hunter2");
    assert!(is_hidden, "a secret that is not told is still none to show");
}

#[test]
fn what_is_said_of_half_a_million_names_has_an_end() {
    let text = edited(&[("    workers: [work-1]\n    etcd: [new-1", &format!("    workers: [{}]\n    etcd: [new-1", "x,".repeat(50_000)))]);
    let Err(findings) = resolve(&text) else { panic!("nobody declared them") };
    assert_eq!(findings.len(), 20_000);
}

#[test]
fn hooks_that_stand_nowhere_are_all_told_and_the_first_ones_with_a_suggestion() {
    let hook = |index: usize| {
        format!(
            "    - id: h-{index}\n      at: {{before: grow-etc}}\n      on: workstation\n      title: {{en: T, zh: T}}\n      run: [{{shell: \"true\"}}]\n"
        )
    };
    let text = format!("{BASE}\n{}", (0..30).map(hook).collect::<String>());
    let Err(Refusal::Spec(findings)) = compile(&SourceFile::new("migration.yaml", text), &[]) else { panic!("no such phase") };
    assert_eq!((findings.len(), findings.iter().filter(|finding| !finding.help.is_empty()).count()), (30, 20));
}

#[test]
fn a_file_full_of_slips_is_answered_in_bounded_time() {
    for part in ["a: b\n", "token: b\n", "a: !b c\n"] {
        let shown = bounded(&part.repeat((1 << 20) / part.len()));
        assert!(shown.contains("[S1"), "{part:?}");
    }
}
