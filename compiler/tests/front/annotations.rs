//! Findings as annotations of a GitHub workflow: escaping, and what GitHub keeps of one step.

use replank::diag::render::{Format, Style, render};
use replank::diag::{Code, Diagnostic, Findings};
use replank::source::{SourceFile, Span};

use super::base::{edited, resolve};

fn annotations(findings: &Findings, name: &str, text: &str) -> String {
    render(findings, &SourceFile::new(name, text), Format::Github, Style::Plain)
}

#[test]
fn github_escapes_what_would_end_a_command() {
    let text = edited(&[("routerId: 51", "routerId: 0")]);
    let Err(findings) = resolve(&text) else { panic!("0 is out of range") };
    let shown = render(&findings, &SourceFile::new("a,b:c%.yaml", &text), Format::Github, Style::Plain);
    assert!(
        shown.starts_with(
            "::error file=a%2Cb%3Ac%25.yaml,line=25,col=17,endLine=25,endColumn=18,title=S206%3A a number is out of range::expected"
        ),
        "{shown}"
    );
    assert_eq!(shown.lines().count(), 1);
}

#[test]
fn what_github_would_drop_is_counted_in_the_last_place_and_stands_in_the_log() {
    let text = "a: b\n".repeat(40);
    let mut many = Findings::default();
    for line in 0..30 {
        let code = if line < 12 { Code::M105 } else { Code::S206 };
        many.push(Diagnostic::new(code, Span::new(line * 5, line * 5 + 1), format!("number {line}")));
    }
    let shown = annotations(&many, "m.yaml", &text);
    let of = |word: &str| shown.lines().filter(|line| line.starts_with(word)).collect::<Vec<_>>();
    let (errors, warnings) = (of("::error "), of("::warning "));
    assert_eq!((errors.len(), warnings.len(), shown.lines().count()), (10, 10, 20 + 9 + 3));
    assert!(errors[9].starts_with("::error title=9 more errors::") && errors[9].contains("all 18"), "{}", errors[9]);
    assert!(warnings[9].starts_with("::warning title=3 more warnings::"), "{}", warnings[9]);
    assert!(shown.find("::warning ").unwrap() > shown.rfind("::error ").unwrap(), "errors first");
    (0..30).for_each(|line| assert!(shown.contains(&format!("number {line}\n")), "{line} is not even in the log:\n{shown}"));
}

#[test]
fn ten_findings_need_no_place_for_a_count() {
    let mut ten = Findings::default();
    (0..10).for_each(|_| ten.push(Diagnostic::new(Code::S206, Span::new(0, 1), "here")));
    let shown = annotations(&ten, "m.yaml", "a: b\n");
    assert_eq!(shown.lines().filter(|line| line.starts_with("::error file=m.yaml,line=1,col=1,")).count(), 10);
}

#[test]
fn a_message_is_cut_before_github_cuts_it() {
    let long = Diagnostic::new(Code::S206, Span::new(0, 1), "😀".repeat(5_000)).into();
    let shown = annotations(&long, "m.yaml", "a: b\n");
    let message = shown.trim_end().rsplit("::").next().unwrap();
    assert!(message.encode_utf16().count() <= 4_096 && message.ends_with('…'));
}

#[test]
fn columns_are_given_within_one_line_only_and_no_place_without_a_file() {
    let over_lines: Findings = Diagnostic::new(Code::S206, Span::new(0, 9), "here").into();
    let shown = annotations(&over_lines, "./m.yaml", "a: b\nc: d\n");
    assert!(shown.starts_with("::error file=m.yaml,line=1,endLine=2,title="), "{shown}");
    let shown = annotations(&over_lines, "<stdin>", "a: b\nc: d\n");
    assert!(shown.starts_with("::error title=S206"), "{shown}");
}
