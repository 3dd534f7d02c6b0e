//! The table of who may know whom, and of which module owns which package.

use super::{assert_none, rooms, root};

/// Room, and the rooms that it may import. `source` holds places in text, which everything that can point at the spec carries.
const ROOMS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diag", &["source"]),
    ("spec", &["source", "diag"]),
    ("model/resolve", &["source", "diag", "spec"]),
    ("model", &["source", "diag"]),
    ("ir", &["source", "model"]),
    ("plan", &["source", "diag", "model", "ir"]),
    ("verify", &["source", "diag", "model", "ir"]),
    ("lower", &["source", "diag", "model", "ir"]),
    ("render/assemble", &["source", "diag", "model", "ir", "lower"]),
    ("render", &["source", "diag", "ir", "lower"]),
    ("diff", &["render"]),
    ("repository", &[]),
    ("write", &["diag", "render"]),
    ("rehearse", &["render"]),
    ("pipeline", ALL),
    ("cli", ALL),
];

const ALL: &[&str] =
    &["source", "diag", "spec", "model", "ir", "plan", "verify", "lower", "render", "diff", "repository", "write", "rehearse", "pipeline"];

const BACKENDS: &[&str] = &["k3s", "kubean", "kubeadm", "systemd"];

/// Package as it is written in code, and the files that may use it.
const PACKAGES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["diag/render/human.rs", "diag/human.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/completions.rs"]),
    ("include_dir", &["cli/pages.rs", "render/catalog.rs", "rehearse/stand_ins.rs"]),
    ("indexmap", ANYWHERE),
    ("jsonschema", &["spec/"]),
    ("minijinja", &["render/"]),
    ("rayon", &["render/", "cli/several.rs"]),
    ("rustix", &["write/"]),
    ("saphyr_parser", &["spec/yaml.rs"]),
    ("schemars", &["spec/", "render/document", "diff/document.rs", "diag/render/json.rs", "rehearse/"]),
    ("serde", ANYWHERE),
    ("serde_json", ANYWHERE),
    ("serde_yaml", &["render/"]),
    ("sha2", &["render/digest.rs"]),
    ("similar", &["diff/unified.rs"]),
    ("strsim", &["diag/suggest.rs"]),
];

const ANYWHERE: &[&str] = &[""];

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut findings = Vec::new();
    for (path, code) in rooms() {
        let Some((room, allowed)) = ROOMS.iter().find(|(room, _)| is_below(&path, room)) else {
            if path != "lib.rs" && path != "main.rs" {
                findings.push(format!("compiler/{path}: belongs to no room of the table"));
            }
            continue;
        };
        let own = room.split('/').next().unwrap();
        for (line, text) in code.lines().enumerate() {
            let foreign = imported(text, &code, line).into_iter().filter(|name| name != own && !allowed.contains(&name.as_str()));
            findings.extend(foreign.map(|name| format!("compiler/{path}:{}: `{own}` imports `{name}`", line + 1)));
        }
    }
    let mend = "pass what you need as an argument from a room above, or move the shared data down into `ir` or `model`";
    assert_none(&findings, "data walks in one direction: a room that knows a later one cannot be understood or tested alone", mend);
}

#[test]
fn no_backend_imports_another() {
    let mut findings = Vec::new();
    for (path, code) in rooms() {
        let Some(own) = BACKENDS.iter().find(|backend| path.starts_with(&format!("lower/{backend}/"))) else { continue };
        for other in BACKENDS.iter().filter(|other| *other != own) {
            if code.contains(&format!("lower::{other}")) {
                findings.push(format!("compiler/{path}: `{own}` imports `{other}`"));
            }
        }
    }
    assert_none(&findings, "a change for one tool must not change the plans of another", "move what both need up, into `lower/`");
}

#[test]
fn paths_never_climb_twice() {
    let climbing = concat!("super::", "super");
    let finding = |(path, code): (String, String)| code.contains(climbing).then(|| format!("compiler/{path}: `{climbing}`"));
    let findings: Vec<_> = rooms().into_iter().filter_map(finding).collect();
    assert_none(&findings, "such a path breaks when a file moves, and hides which room it leads to", "write `use crate::<room>::…`");
}

#[test]
fn each_package_is_used_only_by_its_owner() {
    let mut findings = Vec::new();
    for (path, code) in rooms() {
        for (package, owners) in PACKAGES {
            if !owners.iter().any(|owner| path.starts_with(owner)) && code.lines().any(|line| uses(line, package)) {
                findings.push(format!("compiler/{path}: uses `{package}`, which belongs to {}", owners.join(" and ")));
            }
        }
    }
    assert_none(&findings, "a package with one owner can be replaced in one place", "call the owner; or change the table, with a reason");
}

#[test]
fn each_dependency_has_an_owner_in_the_table() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names = section.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let findings: Vec<_> = names
        .map(|name| name.replace('-', "_"))
        .filter(|name| !PACKAGES.iter().any(|(package, _)| package == name))
        .map(|name| format!("Cargo.toml: `{name}` has no owner"))
        .collect();
    assert_none(&findings, "each package that we depend on is somebody's decision", "add it to `PACKAGES` with the module that owns it");
}

fn is_below(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.starts_with('/') || rest == ".rs" || rest.is_empty())
}

/// The rooms that a line names: `crate::diag::Code`, or each of `use crate::{diag::Code, ir}`, which may span lines.
fn imported(line: &str, code: &str, number: usize) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        if line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => names.push(identifier(rest)),
            Some(first) => {
                let below: String = code.lines().skip(number + 1).collect::<Vec<_>>().join(" ");
                names.extend(group(&format!("{first} {below}")));
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The first names in `a::b, c::{d, e}}`, up to the brace that closes the group.
fn group(text: &str) -> Vec<String> {
    let (mut depth, mut names, mut at_start) = (0_usize, Vec::new(), true);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            ' ' => {}
            _ if at_start => {
                names.push(identifier(&text[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

fn uses(line: &str, package: &str) -> bool {
    let is_word = |before: Option<char>| before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':');
    line.match_indices(&format!("{package}::")).any(|(at, _)| !is_word(line[..at].chars().next_back()))
}

#[test]
fn the_scanner_sees_groups_and_inline_paths() {
    let code = "use crate::{diag::Code,\n  ir::{Plan, Step}, cli};\nlet x = crate::model::Name::new();\nmycrate::spec::x";
    let seen: Vec<_> = code.lines().enumerate().flat_map(|(line, text)| imported(text, code, line)).collect();
    assert_eq!(seen, ["diag", "ir", "cli", "model"]);
    assert!(uses("use clap::Parser;", "clap") && !uses("use myclap::Parser;", "clap") && !uses("x::clap::y", "clap"));
}
