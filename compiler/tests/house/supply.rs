//! What replank is made of besides its own code: which packages may be there, from where, and under which licence.
//!
//! These are the rules of `deny.toml` that need neither a tool nor a network, read from the lock file and from cargo. `cargo deny check`
//! asks more, and is run before a release (docs/security.md).

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::{assert_none, files, rooms, root};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Packages that run programs of their own when replank is built, before any test sees them: build scripts.
const BUILD_SCRIPTS: &str = "ahash crossbeam-deque crossbeam-epoch crossbeam-utils getrandom jsonschema-value libc num-traits parking_lot_core proc-macro2 \
    quote rayon-core ref-cast rustix serde serde_core serde_json thiserror unicode-general-category zerocopy zmij";

/// And macros.
const MACROS: &str = "clap_derive include_dir_macros ref-cast-impl schemars_derive serde_derive strum_macros thiserror-impl";

static PACKAGES: LazyLock<Vec<Value>> = LazyLock::new(packages);

/// What cargo says of every package that the program is built of on this platform; those that only tests need are left out.
fn packages() -> Vec<Value> {
    let run = |words: &[&str]| {
        let done = Command::new("cargo").args(words).args(["--locked", "--offline"]).current_dir(root()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let tree = run(&["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let built: BTreeSet<(&str, &str)> = tree.lines().filter_map(|line| line.split(' ').next().zip(line.split(' ').nth(1))).collect();
    // Of packages for other platforms nothing is there on a machine that has built this one only.
    let metadata = run(&["metadata", "--format-version", "1", "--filter-platform", &platform()]);
    let Value::Object(mut metadata) = serde_json::from_str(&metadata).unwrap() else { panic!() };
    let Some(Value::Array(packages)) = metadata.remove("packages") else { panic!() };
    let is_built = |package: &Value| built.contains(&(text(package, "name"), format!("v{}", text(package, "version")).as_str()));
    let built: Vec<Value> = packages.into_iter().filter(is_built).collect();
    assert!(built.len() > 50, "cargo lists {} packages: the test reads it wrongly", built.len());
    built
}

/// The triple of this machine.
fn platform() -> String {
    let done = Command::new("cargo").arg("-vV").output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

fn deny() -> String {
    fs::read_to_string(root().join("deny.toml")).unwrap()
}

/// The texts of a list of `deny.toml`.
fn listed(key: &str) -> BTreeSet<String> {
    let text = deny();
    let list = text.split(&format!("\n{key} = [")).nth(1).unwrap_or_else(|| panic!("deny.toml has no list `{key}`"));
    list.split(']').next().unwrap().split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn packages_come_from_the_registry_alone_with_their_checksums() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let found = lock.split("[[package]]\n").skip(1).filter(|package| !package.starts_with("name = \"replank\"\n"));
    let is_pinned = |package: &&str| package.contains(&format!("source = \"{REGISTRY}\"\n")) && package.contains("\nchecksum = \"");
    let findings: Vec<_> = found.filter(|package| !is_pinned(package)).map(str::to_owned).collect();
    assert_none(&findings, "what has no checksum may be another program tomorrow", "take the package from crates.io, or do without it");
}

#[test]
fn each_licence_is_one_that_deny_toml_allows() {
    let allowed = listed("allow");
    let of = |package: &Value| format!("{}: {}", text(package, "name"), text(package, "license"));
    let findings: Vec<_> = PACKAGES.iter().filter(|package| !is_allowed(text(package, "license"), &allowed)).map(of).collect();
    assert_none(
        &findings,
        "who passes replank on passes these on",
        "choose another package, or allow the licence in deny.toml, with a reason",
    );
}

/// Whether an expression of licences can be met: `AND` binds more than `OR`, and `/` is an older `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    if let (Some(open), Some(close)) = (expression.find('('), expression.find(')')) {
        let inner = if is_allowed(&expression[open + 1..close], allowed) { "allowed" } else { "refused" };
        return is_allowed(&format!("{}{inner}{}", &expression[..open], &expression[close + 1..]), allowed);
    }
    let is_one = |name: &str| name == "allowed" || allowed.contains(name);
    expression.replace('/', " OR ").split(" OR ").any(|all| all.split(" AND ").all(|name| is_one(name.trim())))
}

#[test]
fn expressions_of_licences_are_read_as_they_are_meant() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "Unicode-3.0".to_owned()]);
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND Unicode-3.0"] {
        assert!(is_allowed(met, &allowed), "{met}");
    }
    for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR MIT) AND Zlib", "MIT WITH exception"] {
        assert!(!is_allowed(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn no_package_is_there_twice_but_those_that_deny_toml_names() {
    let (mut seen, skipped) = (BTreeSet::new(), listed("skip"));
    let names: Vec<String> = PACKAGES.iter().map(|package| text(package, "name").to_owned()).collect();
    let findings: Vec<_> = names.into_iter().filter(|name| !seen.insert(name.clone()) && !skipped.contains(name)).collect();
    assert_none(&findings, "two versions are twice the code to trust", "take the version that others have, or name it in deny.toml");
}

#[test]
fn the_packages_that_run_while_replank_is_built_are_known() {
    let of_kind = |kind: &str| -> BTreeSet<String> {
        let is_of = |package: &&Value| package["targets"].as_array().unwrap().iter().any(|target| target["kind"][0] == kind);
        PACKAGES.iter().filter(is_of).map(|package| text(package, "name").to_owned()).collect()
    };
    let known = |names: &str| -> BTreeSet<String> { names.split_whitespace().map(str::to_owned).collect() };
    assert_eq!(of_kind("custom-build"), known(BUILD_SCRIPTS), "read a new build script before its name goes into the list");
    assert_eq!(of_kind("proc-macro"), known(MACROS), "read a new macro before its name goes into the list");
}

#[test]
fn no_package_brings_code_in_c() {
    let mut findings = Vec::new();
    for package in &*PACKAGES {
        let folder = text(package, "manifest_path").strip_suffix("Cargo.toml").unwrap().to_owned();
        let is_c = |path: &str| [".c", ".cc", ".cpp", ".S", ".asm", ".a", ".o"].iter().any(|end| path.ends_with(end));
        let found = if text(package, "name") == "replank" { Vec::new() } else { paths(&folder) };
        // What lies beside the tests of a package is not built.
        findings.extend(found.into_iter().filter(|path| is_c(path) && !path.contains("/tests/")));
    }
    assert_none(&findings, "the compiler of Rust says nothing of code in C", "take a package that is written in Rust");
}

fn paths(folder: &str) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![std::path::PathBuf::from(folder)]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

#[test]
fn no_unsafe_code_is_written_here() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("[lints.rust]\nunsafe_code = \"forbid\"\n"), "Cargo.toml no longer forbids unsafe code");
    // Written in halves, so that this file does not contain it.
    let word = concat!("unsafe", " ");
    let mut findings: Vec<_> =
        rooms().into_iter().filter(|(_, code)| code.contains(word)).map(|(path, _)| format!("compiler/{path}")).collect();
    findings.extend(files("benches").into_iter().filter(|(_, code)| code.contains(word)).map(|(path, _)| path));
    assert_none(&findings, "a mistake there breaks what the compiler of Rust promises", "do without it");
}
