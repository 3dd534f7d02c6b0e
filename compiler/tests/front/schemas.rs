//! The committed schemas are those of the types, and what we write satisfies them.

#![allow(clippy::disallowed_methods, reason = "a test looks at files of the repository")]

use proptest::prelude::*;
use replank::diag::render::{Format, Style, json, render};
use replank::model;
use replank::source::SourceFile;
use serde_json::Value;

use super::base::{BASE, findings, resolve};
use super::cases;

fn is_current(name: &str, schema: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
    if std::env::var_os("REPLANK_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "schemas/{name} is not current; mend it with: REPLANK_UPDATE=1 cargo test schemas");
}

#[test]
fn the_schema_of_a_migration_is_current() {
    is_current("migration.v1alpha1.json", &replank::spec::schema());
}

#[test]
fn the_schema_of_diagnostics_is_current() {
    is_current("diagnostic.v1.json", &json::schema());
}

#[test]
fn the_schema_of_a_plan_is_current() {
    is_current("plan.v1.json", &replank::render::document::schema());
}

#[test]
fn the_schema_of_a_difference_is_current() {
    is_current("diff.v1.json", &replank::diff::schema());
}

#[test]
fn the_schema_of_a_rehearsal_is_current() {
    is_current("rehearsal.v1.json", &replank::rehearse::schema());
}

#[test]
fn diagnostics_as_json_satisfy_their_schema() {
    let validator = jsonschema::validator_for(&json::schema()).unwrap();
    for case in cases::all() {
        let text = render(&findings(&case.text), &SourceFile::new("migration.yaml", &case.text), Format::Json, Style::Plain);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert!(validator.is_valid(&value), "{}: {text}", case.code);
        assert!(value.pointer("/diagnostics/0/code").is_some(), "{}", case.code);
    }
}

#[test]
fn the_schema_never_allows_null() {
    assert!(!replank::spec::schema().to_string().contains("\"null\""));
}

/// What an editor accepts, the program must accept, and the other way round.
fn agree(definition: &str, text: &str, parsed: bool) -> Result<(), TestCaseError> {
    let mut schema = replank::spec::schema();
    let definition = schema["$defs"][definition].take();
    let valid = jsonschema::validator_for(&definition).unwrap().is_valid(&Value::String(text.to_owned()));
    prop_assert_eq!(valid, parsed, "{:?}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn patterns_and_parsers_agree(text in "[a-zA-Z0-9._+/$ \n-]{0,6}|[a-z-]{60,66}|(/[a-z.-]{0,3}){0,3}") {
        agree("Label", &text, model::ClusterName::parse(&text).is_ok())?;
        agree("MachineName", &text, model::MachineName::parse(&text).is_ok())?;
        agree("PlainWord", &text, model::MemberName::parse(&text).is_ok())?;
        agree("FlagName", &text, model::FlagName::parse(&text).is_ok())?;
        agree("FlagValue", &text, model::FlagValue::parse(&text).is_ok())?;
        agree("UserName", &text, model::UserName::parse(&text).is_ok())?;
        agree("InterfaceName", &text, model::InterfaceName::parse(&text).is_ok())?;
        agree("EnvironmentName", &text, model::EnvironmentName::parse(&text).is_ok())?;
        agree("AbsolutePath", &text, model::AbsolutePath::parse(&text).is_ok())?;
        agree("Label", &text, model::Label::parse(&text).is_ok())?;
        agree("ObjectName", &text, model::ObjectName::parse(&text).is_ok())?;
        agree("ImageReference", &text, model::Image::parse(&text).is_ok())?;
        agree("OperatingSystem", &text, model::OperatingSystem::parse(&text).is_ok())?;
        agree("HostName", &text, model::HostName::parse(&text).is_ok())?;
        agree("ImageRepository", &text, model::ImageRepository::parse(&text).is_ok())?;
        agree("OcbootRelease", &text, model::OcbootRelease::parse(&text).is_ok())?;
    }

    #[test]
    fn images_and_systems_read_alike(image in "[a-zB:/@._-]{1,8}(@sha256:[0-9a-f]{63,65})?", os in "(ubuntu|rhel|x)-[0-9a-z.-]{0,5}") {
        agree("ImageReference", &image, model::Image::parse(&image).is_ok())?;
        agree("OperatingSystem", &os, model::OperatingSystem::parse(&os).is_ok())?;
    }

    #[test]
    fn releases_read_alike(text in "v[0-9]{1,5}\\.[0-9]{1,3}\\.[0-9]{1,3}\\+k3s[0-9]{0,3}") {
        let big = text.split(['v', '.', '+']).any(|number| number.len() > 4 && number.bytes().all(|byte| byte.is_ascii_digit()));
        if !big {
            agree("K3sVersion", &text, model::K3sVersion::parse(&text).is_ok())?;
        }
    }
}

/// Every word of the spec that has a type of its own in the model, with texts on both sides of the line.
#[test]
fn words_of_kubean_read_alike() {
    let texts = [
        "v0.12.2",
        "0.12.2",
        "v1.2",
        "1.2.3.4",
        "v01.2.3",
        "v1.2.3-rc.1",
        "",
        "v",
        "v9999.9999.9999",
        "ghcr.io/kubean-io/spray-job:v0.12.2",
        "a",
        "A",
        "a:B",
        "a:b:C",
        "a:B:c",
        "a:",
        ":a",
        "a:b-",
        "a:_b",
        "a/",
        "10.6.0.5:5000/a/b:2.28-aca1113",
        "a@sha256:0000",
        "a:b c",
        "a$(id)",
        "-a",
        "a@",
        "@sha256:",
        "a@b@sha256:",
        "ubuntu-22.04",
        "centos-7.9",
        "kylin-v10-sp2",
        "solaris-11",
        "ubuntu",
        "ubuntu-",
        "ubuntu-22..04",
        "Ubuntu-22.04",
        "rhel-8 ",
    ];
    let digest = format!("a@sha256:{}", "0af".repeat(22).chars().take(64).collect::<String>());
    let long = ["1", "11"].map(|more| format!("openeuler-{}{more}", "1".repeat(29)));
    for text in texts.into_iter().chain([digest.as_str()]).chain(long.iter().map(String::as_str)) {
        agree("Release", text, model::Release::parse(text).is_ok()).unwrap();
        agree("ImageReference", text, model::Image::parse(text).is_ok()).unwrap();
        agree("OperatingSystem", text, model::OperatingSystem::parse(text).is_ok()).unwrap();
    }
}

#[test]
fn the_short_form_is_one_line_a_finding() {
    let text = BASE.replace("routerId: 51", "routerId: 0").replace("order: addThenRemove", "order: no");
    let Err(findings) = resolve(&text) else { panic!("two findings") };
    let shown = render(&findings, &SourceFile::new("m.yaml", &text), Format::Short, Style::Plain);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], "m.yaml:25:17: error[S206]: a number is out of range: expected a number from 1 to 255, found the number 0");
}
