//! Injection: what a stranger writes into any field of a spec is refused with words that do no harm, or arrives in every file as what it is.
//!
//! `schema` and `fields` find the fields, `payloads` has what is written into them, `drive` writes it. What is refused is judged by `inert`;
//! what is accepted by `compared`, which reads commands with `shell`, and by the real programs of `readers`. `accepted` keeps a gallery of it.

mod accepted;
mod compared;
mod drive;
mod fields;
mod inert;
mod pages;
mod payloads;
mod readers;
mod schema;
mod shell;
mod specs;
mod strange;
mod strangers;

use std::collections::{BTreeMap, BTreeSet};

use accepted::Gallery;
use compared::{Edit, Words};
use drive::Outcome;
use fields::Field;
use pages::Structure;
use readers::Document;
use replank::pipeline::Compiled;

/// How many documents one run of a reader is given.
const BATCH: usize = 2_000;

/// What became of all cases.
#[derive(Default)]
struct Driven {
    refused: usize,
    accepted: usize,
    complaints: Vec<String>,
    gallery: Gallery,
    words: Words,
    documents: Vec<Document>,
}

impl Driven {
    fn merge(&mut self, other: Driven) {
        self.refused += other.refused;
        self.accepted += other.accepted;
        self.complaints.extend(other.complaints);
        self.gallery.merge(other.gallery);
        self.words.extend(other.words);
    }

    fn read_documents(&mut self) {
        let documents = std::mem::take(&mut self.documents);
        self.complaints.extend(readers::yaml(&documents));
    }
}

/// A base as it compiles without anything in it.
struct Untouched {
    compiled: Compiled,
    pages: Structure,
}

/// Drives one of `share` cases into each field, two fields at a time, and has the programs read what was accepted.
fn driven(share: u64) -> Driven {
    let (fields, payloads) = (fields::all(), payloads::all());
    let untouched = |base: &'static specs::Base| {
        let compiled = drive::base(base);
        (base.path.as_str(), Untouched { pages: pages::structure(&compiled), compiled })
    };
    let bases: BTreeMap<&str, Untouched> = specs::BASES.iter().map(untouched).collect();
    let part = |part: usize| {
        let mut driven = Driven::default();
        for field in fields.iter().skip(part).step_by(2) {
            for case in drive::cases(field, &payloads, share) {
                one(field, &case, &bases[field.base.path.as_str()], &mut driven);
            }
            if driven.documents.len() > BATCH {
                driven.read_documents();
            }
        }
        driven.read_documents();
        driven
    };
    let mut driven = std::thread::scope(|scope| {
        let other = scope.spawn(|| part(1));
        let mut driven = part(0);
        driven.merge(other.join().unwrap());
        driven
    });
    driven.complaints.extend(readers::shells(&driven.words));
    driven
}

fn one(field: &Field, case: &drive::Case, base: &Untouched, driven: &mut Driven) {
    let (from, to) = (field.held(), case.meant());
    let edit = Edit { from: &from, to: &to, form: case.form };
    let name = || format!("{}, {:?}", field.name(), case.written);
    let found = match drive::compile(field, case) {
        Outcome::Refused(source, findings) => {
            driven.refused += 1;
            inert::complaints(&source, &findings)
        }
        Outcome::Accepted(compiled) => {
            driven.accepted += 1;
            driven.gallery.add(field, case.class, edit);
            let mut found = if accepted::acts(&field.pattern) {
                Vec::new()
            } else {
                compared::complaints(&base.compiled, &compiled, edit, &mut driven.words)
            };
            if !edit.is_plain() {
                found.extend(pages::complaints(&base.pages, &pages::structure(&compiled)));
            }
            driven.documents.extend(documents(&base.compiled, &compiled, &name()));
            found
        }
        Outcome::Broken(words) => vec![words],
    };
    driven.complaints.extend(found.into_iter().map(|what| format!("{}: {what}", name())));
}

/// The YAML that is another now: one file of each name, and the documents that stand in its texts.
fn documents(before: &Compiled, after: &Compiled, name: &str) -> Vec<Document> {
    let old: BTreeSet<&str> = compared::artifacts(before).map(|(_, text)| text).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (path, text) in
        compared::artifacts(after).filter(|(path, text)| (path.ends_with(".yaml") || path.ends_with(".yml")) && !old.contains(text))
    {
        if !seen.insert(path.rsplit('/').next()) {
            continue;
        }
        let Ok(meant) = compared::documents(text) else { continue };
        let inner: Vec<String> = meant
            .iter()
            .filter_map(|object| object["data"].as_object())
            .flat_map(|data| data.values())
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect();
        found.push(Document { name: format!("{name}: {path}"), text: text.to_owned(), meant });
        for text in inner {
            let Ok(meant) = compared::documents(&text) else { continue };
            found.push(Document { name: format!("{name}: in {path}"), text, meant });
        }
    }
    found
}

/// The gallery of what is accepted.
const GALLERY: &str = include_str!("../../../snapshots/injection/accepted.txt");

/// One of so many cases is driven with every run of the tests; `every_case_is_refused_or_inert` drives all.
const SHARE: u64 = 960;

/// Fails with the first complaints.
#[track_caller]
fn assert_inert(driven: &Driven) {
    let shown: Vec<String> = driven.complaints.iter().take(40).map(|complaint| complaint.chars().take(900).collect()).collect();
    assert!(driven.complaints.is_empty(), "{} complaints:\n{}", driven.complaints.len(), shown.join("\n"));
}

#[test]
fn what_is_written_into_a_field_is_refused_or_inert() {
    let driven = driven(SHARE);
    assert_inert(&driven);
    let news = driven.gallery.beyond(&Gallery::read(GALLERY));
    assert!(news.is_empty(), "accepted, and not in the gallery; run the ignored test, and read what it writes:\n{}", news.join("\n"));
}

/// `cargo test --locked --release -- --ignored every_case_is_refused_or_inert`; REPLANK_INJECTION_SHARE=10 drives one case in ten, and
/// REPLANK_UPDATE=1 writes the gallery, which is of all.
#[test]
#[ignore = "takes many minutes: every payload in every field"]
fn every_case_is_refused_or_inert() {
    let share = std::env::var("REPLANK_INJECTION_SHARE").ok().and_then(|share| share.parse().ok()).unwrap_or(1);
    let driven = driven(share);
    println!("refused {}, accepted {}, words read by shells {}", driven.refused, driven.accepted, driven.words.len());
    let text = driven.gallery.text();
    if std::env::var("REPLANK_UPDATE").is_ok() {
        std::fs::write(crate::house::root().join("snapshots/injection/accepted.txt"), &text).unwrap();
    }
    assert_inert(&driven);
    let news = driven.gallery.beyond(&Gallery::read(GALLERY));
    assert!(share > 1 && news.is_empty() || text == GALLERY, "the gallery is another");
}

#[test]
fn every_field_of_the_schema_is_driven() {
    let driven: Vec<String> = fields::all().into_iter().map(|field| field.pattern).collect();
    let missing: Vec<String> = schema::fields().into_iter().filter(|field| !driven.contains(field)).collect();
    assert!(missing.is_empty(), "no spec has these fields; add one to a spec in compiler/tests/injection:\n{}", missing.join("\n"));
}
