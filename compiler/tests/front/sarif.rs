//! Findings as SARIF: what the standard and GitHub's code scanning ask of a document, over every finding of the front end.

use std::collections::BTreeSet;

use replank::diag::render::{Format, Notice, Report, Style, Weight, render};
use replank::diag::{Code, Diagnostic, Findings};
use replank::source::{SourceFile, Span};
use serde_json::Value;

use super::base::{BASE, findings};
use super::cases;

fn read(text: &str) -> Value {
    let log: Value = serde_json::from_str(text).unwrap();
    assert_eq!((log["version"].as_str(), log["runs"].as_array().map(Vec::len)), (Some("2.1.0"), Some(1)));
    log["runs"][0].clone()
}

fn run(findings: &Findings, name: &str, text: &str) -> Value {
    read(&render(findings, &SourceFile::new(name, text), Format::Sarif, Style::Plain))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))).unwrap()
}

/// Asserts that a region begins and ends at places that the text has.
fn assert_within(region: &Value, text: &str) {
    let length = |line: usize| text.lines().nth(line - 1).unwrap_or("").chars().count();
    let [line, column, end_line, end_column] = ["startLine", "startColumn", "endLine", "endColumn"].map(|key| number(&region[key]));
    assert!(1 <= line && line <= end_line && end_line <= text.lines().count().max(1), "{region}");
    assert!((1..=length(line) + 1).contains(&column) && (1..=length(end_line) + 1).contains(&end_column), "{region}");
    assert!((line, column) <= (end_line, end_column), "{region}");
}

#[test]
fn each_result_points_at_its_rule_and_into_its_file() {
    for case in cases::all() {
        let run = run(&findings(&case.text), "plans/a b/迁移.yaml", &case.text);
        let rules = list(&run["tool"]["driver"]["rules"]);
        assert!(!list(&run["results"]).is_empty(), "{}", case.code);
        for result in list(&run["results"]) {
            let rule = &rules[number(&result["ruleIndex"])];
            assert_eq!((&rule["id"], &rule["defaultConfiguration"]["level"]), (&result["ruleId"], &result["level"]));
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
            for (related, id) in list(&result["relatedLocations"]).iter().zip(1..) {
                assert_eq!(related["id"], id);
            }
            for location in list(&result["locations"]).iter().chain(list(&result["relatedLocations"])) {
                let place = &location["physicalLocation"];
                assert_eq!(place["artifactLocation"]["uri"], "plans/a%20b/%E8%BF%81%E7%A7%BB.yaml");
                assert_within(&place["region"], &case.text);
            }
        }
        let named: BTreeSet<&str> = list(&run["results"]).iter().filter_map(|result| result["ruleId"].as_str()).collect();
        assert_eq!(rules.iter().filter_map(|rule| rule["id"].as_str()).collect::<Vec<_>>(), named.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn rules_are_named_as_identifiers_and_explained_by_their_pages() {
    let file = SourceFile::new("m.yaml", "a: b\n");
    let mut found = Findings::default();
    Code::ALL.iter().for_each(|code| found.push(Diagnostic::new(*code, Span::new(0, 1), "here")));
    let report =
        Report { page: |_| Some("# V202: headline\n\nWhat was found.\n\n## Why it matters\n"), ..Report::of(vec![(&file, &found)]) };
    let run = read(&report.render(Format::Sarif, Style::Plain));
    let rules = list(&run["tool"]["driver"]["rules"]);
    assert_eq!(rules.len(), Code::ALL.len());
    for rule in rules {
        let name = rule["name"].as_str().unwrap();
        assert!(name.starts_with(|first: char| first.is_ascii_uppercase() || first.is_ascii_digit()), "{name}");
        assert!(name.chars().all(|character| character.is_ascii_alphanumeric()), "{name}");
        assert_eq!(rule["fullDescription"]["text"], "What was found.");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why it matters"));
    }
}

#[test]
fn a_finding_about_a_plan_names_its_step() {
    let found = Diagnostic::new(Code::V202, Span::new(0, 1), "tolerance 0").at_step("30-grow-etcd/phy-1").into();
    let run = run(&found, "m.yaml", "a: b\n");
    let logical = &run["results"][0]["locations"][0]["logicalLocations"][0];
    assert_eq!(logical["fullyQualifiedName"], "30-grow-etcd/phy-1");
}

#[test]
fn fingerprints_survive_moved_lines_and_are_unique() {
    let prints = |text: &str| -> Vec<String> {
        let run = run(&findings(text), "m.yaml", text);
        list(&run["results"]).iter().map(|result| result["partialFingerprints"]["replank/v1"].as_str().unwrap().to_owned()).collect()
    };
    let text = BASE.replace("routerId: 51", "routerId: 0").replace("order: addThenRemove", "order: no");
    let here = prints(&text);
    assert_eq!(here.len(), 2);
    assert_eq!(here, prints(&format!("# moved\n\n# down\n{text}")));
    for case in cases::all() {
        let all = prints(&case.text);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: {all:?}", case.code);
    }
}

#[test]
fn a_run_that_found_nothing_and_a_spec_without_a_file_are_documents_too() {
    let empty = run(&Findings::default(), "m.yaml", "");
    assert_eq!((list(&empty["results"]).len(), list(&empty["tool"]["driver"]["rules"]).len()), (0, 0));
    assert!(empty["results"].is_array(), "GitHub asks for results, also where there are none");
    let piped = run(&Diagnostic::new(Code::S104, Span::new(0, 0), "empty").into(), "<stdin>", "");
    let place = &piped["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&Value::Null, &Value::from(1)));
}

#[test]
fn what_does_not_fit_is_counted_and_the_worst_comes_first() {
    let text = "a: b\n".repeat(6_000);
    let mut many = Findings::default();
    for line in 0..5_500 {
        many.push(Diagnostic::new(Code::M105, Span::new(line * 5, line * 5 + 1), "a warning"));
    }
    many.push(Diagnostic::new(Code::S206, Span::new(0, 1), "the only error"));
    let all = run(&many, "m.yaml", &text);
    assert_eq!(list(&all["results"]).len(), 5_000);
    assert_eq!(all["results"][0]["ruleId"], "S206");
    let left_out = &all["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(left_out.as_str().unwrap().starts_with("501 of 5501 findings are left out"), "{left_out}");
}

#[test]
fn a_document_stays_below_what_github_takes_however_long_its_words_are() {
    let text = "a: b\n".repeat(200);
    let mut long = Findings::default();
    for _ in 0..4_000 {
        let mut finding = Diagnostic::new(Code::S206, Span::new(0, 4), "标".repeat(9_000)).why("w".repeat(9_000));
        for line in 0..150 {
            finding = finding.related(Span::new(line * 5, line * 5 + 1), "r");
        }
        long.push(finding);
    }
    let shown = render(&long, &SourceFile::new("m.yaml", text), Format::Sarif, Style::Plain);
    assert!(shown.len() < 10_000_000, "{} bytes", shown.len());
    let run = read(&shown);
    let results = list(&run["results"]);
    assert!(results.len() > 100);
    assert!(results.iter().all(|result| list(&result["relatedLocations"]).len() == 99));
    assert!(results.iter().all(|result| result["message"]["text"].as_str().unwrap().chars().count() == 4_000));
    let left_out = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(left_out.starts_with(&format!("{} of 4000 findings", 4_000 - results.len())), "{left_out}");
}

#[test]
fn what_was_said_besides_is_a_notification() {
    let notices = [Notice { weight: Weight::Error, text: "cannot read `m.yaml`".into() }];
    let report = Report { notices: &notices, could_work: false, exit_code: 1, ..Report::of(Vec::new()) };
    let run = read(&report.render(Format::Sarif, Style::Plain));
    let invocation = &run["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&Value::Bool(false), &Value::from(1)));
    assert_eq!(invocation["toolExecutionNotifications"][0]["message"]["text"], "cannot read `m.yaml`");
    assert_eq!(invocation["toolExecutionNotifications"][0]["level"], "error");
}
