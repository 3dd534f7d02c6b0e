//! Every code of the front end is provoked once, and shown as a person sees it.

use replank::diag::Code;

use super::base::{BASE, BASE_KUBEADM, BASE_KUBEAN, BASE_OCBOOT, BASE_SYSTEMD, human};
use super::cases::{Case, all};

/// The letters of the rooms before the judge.
fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.name().starts_with(['S', 'M', 'P']))
}

/// The lines of the text that are not in its base, with one line around them.
fn excerpt(text: &str) -> String {
    if text.len() > 4000 {
        return format!("({} bytes)\n", text.len());
    }
    let is_of = |distribution: &str| text.contains(&format!("\n      {distribution}:\n        version:"));
    let base = if text.contains("\n        ocboot:") {
        BASE_OCBOOT
    } else if is_of("kubean") {
        BASE_KUBEAN
    } else if is_of("kubeadm") {
        BASE_KUBEADM
    } else if is_of("systemd") {
        BASE_SYSTEMD
    } else {
        BASE
    };
    let base: Vec<&str> = base.lines().collect();
    let lines: Vec<&str> = text.lines().collect();
    let same = |line: &&str| base.contains(line);
    let first = lines.iter().zip(&base).take_while(|(line, base)| line == base).count();
    let last = lines.iter().rposition(|line| !same(line)).unwrap_or(first);
    let shown = lines.get(first.saturating_sub(2)..(last.max(first) + 2).min(lines.len())).unwrap_or(&lines);
    shown.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_code_is_provoked_and_shown() {
    for Case { code, text } in all() {
        let Some(known) = Code::ALL.iter().find(|known| known.name() == code) else { panic!("{code} is not in the table") };
        let shown = human(&text);
        assert!(shown.contains(&format!("[{code}]")), "{code} was not found in\n{shown}");
        insta::with_settings!({
            snapshot_path => "../../../snapshots/diagnostics",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{code}-{}", known.slug()), format!("{}\n{shown}", excerpt(&text)));
        });
    }
}

#[test]
fn no_code_is_left_out() {
    let provoked: Vec<&str> = all().iter().map(|case| case.code).collect();
    let expected: Vec<&str> = codes().map(Code::name).collect();
    assert_eq!(provoked, expected);
}

#[test]
fn every_code_has_a_page_and_a_snapshot() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for code in codes() {
        let page = root.join(format!("docs/diagnostics/{}.md", code.name()));
        let text = read(&page);
        let title = format!("# {}: {}", code.name(), code.headline());
        assert!(text.starts_with(&title), "{} must begin with `{title}`", page.display());
        let snapshot = root.join(format!("snapshots/diagnostics/{}-{}.snap", code.name(), code.slug()));
        assert!(read(&snapshot).contains(code.headline()), "{} must show the finding", snapshot.display());
    }
}

#[allow(clippy::disallowed_methods, reason = "a test looks at files of the repository")]
fn read(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
