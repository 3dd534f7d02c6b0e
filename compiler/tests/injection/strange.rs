//! The strangest plans: in every field at once something that is accepted, and every file and command read by the program that will read it.
//!
//! Does not compare; `compared` does that, one field at a time.

use std::path::{Path, PathBuf};

use replank::pipeline::{Compiled, compile};
use replank::render::Language;
use replank::source::SourceFile;
use serde_json::Value;

use super::drive::{self, Case, Outcome};
use super::fields::{Field, Reach};
use super::payloads::{self, Form};
use super::specs::{BASES, Base};
use super::{accepted, fields};

/// Of so many cases of a field one is tried, until one is accepted.
const TRIED: u64 = 60;

/// A field with something that it accepts where everything else is as it was.
fn picked(field: &Field, payloads: &[payloads::Payload]) -> Option<Case> {
    let cases = drive::cases(field, payloads, TRIED).into_iter().filter(|case| case.form == Form::Quoted);
    cases.into_iter().find(|case| matches!(drive::compile(field, case), Outcome::Accepted(_)))
}

fn compiled(spec: &Value) -> Option<Compiled> {
    compile(&SourceFile::new("migration.yaml", spec.to_string()), &[Language::English, Language::Chinese]).ok()
}

/// The spec with as many of the picks as go together.
fn with(spec: Value, picks: &[(&Field, Case)]) -> Value {
    let all = picks.iter().fold(spec.clone(), |spec, (field, case)| drive::replaced(&spec, &field.segments, field.is_key, &case.written));
    if picks.is_empty() || compiled(&all).is_some() {
        return all;
    }
    if picks.len() == 1 {
        return spec;
    }
    let (first, second) = picks.split_at(picks.len() / 2);
    with(with(spec, first), second)
}

fn strangest(base: &Base, fields: &[Field], payloads: &[payloads::Payload]) -> Compiled {
    let here = fields
        .iter()
        .filter(|field| field.base.path == base.path && field.reach == Reach::Here && !field.is_key && !accepted::acts(&field.pattern));
    let picks: Vec<(&Field, Case)> = here.filter_map(|field| Some((field, picked(field, payloads)?))).collect();
    let spec = with(base.spec.clone(), &picks);
    let kept = picks
        .iter()
        .filter(|(field, case)| spec.pointer(&format!("/{}", field.segments.join("/"))) == Some(&Value::from(case.written.as_str())));
    println!("{}: {} of {} fields hold something strange", base.path, kept.count(), picks.len());
    compiled(&spec).unwrap()
}

fn written(compiled: &Compiled, folder: &Path) -> PathBuf {
    for (path, text) in &compiled.tree.files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder.to_path_buf()
}

/// `cargo test --locked -- --ignored the_strangest_plans`
#[test]
#[ignore = "takes minutes: plans are compiled until as much of it goes together as can"]
fn the_strangest_plans_are_accepted_by_every_program_that_reads_them() {
    let (fields, payloads) = (fields::all(), payloads::all());
    let folder = tempfile::tempdir().unwrap();
    let bases = BASES.iter().filter(|base| fields.iter().any(|field| field.base.path == base.path));
    let mut complaints = Vec::new();
    let mut plans = Vec::new();
    for (number, base) in bases.enumerate() {
        let plan = strangest(base, &fields, &payloads);
        plans.push(written(&plan, &folder.path().join(number.to_string())));
        // Ansible takes a second for each; all inventories of a plan hold the same machines.
        let inventory = plan.tree.files.iter().find(|(path, text)| path.ends_with(".yaml") && text.contains("hosts.yml"));
        let found = inventory.map(|(_, text)| super::readers::inventory(text)).unwrap_or_default();
        complaints.extend(found.into_iter().map(|what| format!("{}: {what}", base.path)));
    }
    complaints.extend(crate::proof::readers::read_plans(&plans));
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n").chars().take(6_000).collect::<String>());
}
