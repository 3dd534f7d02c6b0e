//! Findings for people: the line, the caret, why, and what to do. The only file that knows annotate-snippets.
//!
//! Does not decide what a finding says.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::excerpt::{Excerpt, disjoint};
use super::{Report, Style, clean};
use crate::diag::{Diagnostic, Severity};
use crate::source::{SourceFile, Span};

/// Lines are cut by us, so that a finding looks the same on every terminal.
const WIDTH: usize = 100_000;

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let renderer = renderer.term_width(WIDTH);
    let mut text = String::new();
    for (source, findings) in &report.parts {
        let concealed = disjoint(findings.concealed());
        for finding in findings.iter() {
            text.push_str(&frame(finding, &concealed, source, &renderer));
            text.push('\n');
            text.push_str(&advice(finding, style));
            text.push('\n');
        }
    }
    text.push_str(&count(report));
    text
}

fn frame(finding: &Diagnostic, concealed: &[Span], source: &SourceFile, renderer: &Renderer) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let main = Excerpt::of(source, finding.label.span, concealed);
    let origin = Origin::path(clean(source.name())).line(main.line).char_column(main.column);
    let mut group = level.primary_title(finding.code.headline()).id(finding.code.name()).element(origin);
    group = group.element(snippet(&main, AnnotationKind::Primary, &finding.label.text));
    for label in &finding.related {
        let excerpt = Excerpt::of(source, label.span, concealed);
        group = group.element(snippet(&excerpt, AnnotationKind::Context, &label.text));
    }
    let lines = finding.related.iter().map(|label| source.position(label.span).line).chain([main.line]);
    let margin = lines.max().unwrap_or(0).to_string().len() + 1;
    let rendered = renderer.render(&[group]);
    let kept: Vec<&str> = rendered.lines().filter(|line| !is_jump(line)).collect();
    format!("{}\n{:margin$}|", kept.join("\n"), "")
}

/// Between excerpts the renderer writes `:::` where another file's name could stand; with one file it says nothing.
fn is_jump(line: &str) -> bool {
    let mut plain = line.to_owned();
    while let Some((start, length)) = plain.find('\u{1b}').and_then(|start| Some((start, plain.get(start..)?.find('m')?))) {
        plain.replace_range(start..=start + length, "");
    }
    plain.trim() == ":::"
}

fn snippet(excerpt: &Excerpt, kind: AnnotationKind, label: &str) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    Snippet::source(excerpt.text.clone())
        .line_start(excerpt.line)
        .fold(false)
        .annotation(kind.span(excerpt.caret.clone()).label(clean(label)))
}

fn advice(finding: &Diagnostic, style: Style) -> String {
    let mut text = String::new();
    let mut say = |word: &str, sentence: &str| {
        let (on, off) = match style {
            Style::Plain => ("", ""),
            Style::Colour => ("\u{1b}[1m", "\u{1b}[0m"),
        };
        text.push_str(&format!("{on}{word}{off} {sentence}\n"));
    };
    if let Some(step) = &finding.step {
        say("step:", &format!("`{}`", clean(step)));
    }
    if let Some(why) = &finding.why {
        say("why: ", &clean(why));
    }
    for help in &finding.help {
        let colon = if help.copy.is_some() { ":" } else { "" };
        let copy: String = help.copy.iter().flat_map(|copy| copy.lines()).map(|line| format!("\n          {}", clean(line))).collect();
        say("help:", &format!("{}{colon}{copy}", clean(&help.sentence)));
    }
    text.push_str(&format!("      run `replank explain {}` for more\n", finding.code.name()));
    text
}

/// "3 errors, 1 warning".
fn count(report: &Report<'_>) -> String {
    let number = |severity: Severity| report.findings().filter(|(finding, _)| finding.severity() == severity).count();
    let said = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let parts: Vec<String> =
        [said(number(Severity::Error), "error"), said(number(Severity::Warning), "warning")].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("{}\n", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Findings};

    fn rendered(file: &SourceFile, style: Style) -> String {
        render(&Report::of(vec![(file, &finding(file))]), style)
    }

    fn finding(file: &SourceFile) -> Findings {
        let at = |word: &str| file.text().find(word).map_or(Span::new(0, 0), |at| Span::new(at, at + word.len()));
        let label = "stopping this member leaves 1 of 3";
        let mut diagnostic =
            Diagnostic::new(Code::V201, at("cp-2"), label).related(at("cp-1"), "already stopped").at_step("30-grow-etcd/cp-2");
        diagnostic = diagnostic.why("etcd answers only while a majority of its members does.");
        diagnostic.help_copy("replace members one at a time", "order: addThenRemove\nx: y").into()
    }

    #[test]
    fn a_finding_reads_from_the_place_to_the_advice() {
        let file = SourceFile::new("migration.yaml", "标题: 备份\netcd:\n  - cp-1 # 成员\n\t- cp-2\r\n");
        let expected = "\
error[V201]: etcd would lose quorum
 --> migration.yaml:4:4
  |
4 |     - cp-2
  |       ^^^^ stopping this member leaves 1 of 3
  |
3 |   - cp-1 # 成员
  |     ---- already stopped
  |
step: `30-grow-etcd/cp-2`
why:  etcd answers only while a majority of its members does.
help: replace members one at a time:
          order: addThenRemove
          x: y
      run `replank explain V201` for more

1 error
";
        assert_eq!(rendered(&file, Style::Plain), expected);
    }

    #[test]
    fn colour_changes_no_word() {
        let file = SourceFile::new("migration.yaml", "etcd:\n  - cp-1\n  - cp-2\n");
        let (plain, colour) = (rendered(&file, Style::Plain), rendered(&file, Style::Colour));
        assert!(colour.contains('\u{1b}'));
        let mut stripped = colour;
        while let Some(start) = stripped.find('\u{1b}') {
            let length = stripped[start..].find('m').unwrap_or(0);
            stripped.replace_range(start..=start + length, "");
        }
        assert_eq!(stripped, plain);
    }
}
