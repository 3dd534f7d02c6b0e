//! A small spec without a finding for each distribution, and edits of them.

use replank::diag::Findings;
use replank::diag::render::{Format, Style, render};
use replank::model::Migration;
use replank::source::SourceFile;

pub const BASE: &str = include_str!("base.yaml");

/// The operating system of every machine is changed in place.
pub const BASE_KUBEAN: &str = include_str!("base-kubean.yaml");

/// Three control planes and their etcd move to machines that are workers already, and the old ones become workers.
pub const BASE_KUBEADM: &str = include_str!("base-kubeadm.yaml");

/// The first of three servers has failed; ocboot adds another.
pub const BASE_OCBOOT: &str = include_str!("base-ocboot.yaml");

/// One control plane and its etcd move; the nodes are told.
pub const BASE_SYSTEMD: &str = include_str!("base-systemd.yaml");

/// Reads and resolves a text, as `replank check` begins.
pub fn resolve(text: &str) -> Result<(Migration, Findings), Findings> {
    let document = replank::spec::read(&SourceFile::new("migration.yaml", text))?;
    replank::model::resolve(&document)
}

/// The base with replacements, each of which must match once.
pub fn edited(edits: &[(&str, &str)]) -> String {
    changed(BASE, edits)
}

/// The same for the base of kubean.
pub fn edited_kubean(edits: &[(&str, &str)]) -> String {
    changed(BASE_KUBEAN, edits)
}

/// The same for the base of kubeadm.
pub fn edited_kubeadm(edits: &[(&str, &str)]) -> String {
    changed(BASE_KUBEADM, edits)
}

/// The same for the base of ocboot.
pub fn edited_ocboot(edits: &[(&str, &str)]) -> String {
    changed(BASE_OCBOOT, edits)
}

/// The same for the base of binaries under systemd.
pub fn edited_systemd(edits: &[(&str, &str)]) -> String {
    changed(BASE_SYSTEMD, edits)
}

/// A text with replacements, each of which must match once.
pub fn changed(base: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(base.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must be in the base once");
        text.replacen(from, to, 1)
    })
}

/// What is found before a plan is judged.
pub fn findings(text: &str) -> Findings {
    match resolve(text) {
        Ok((migration, warnings)) => replank::plan::plan(&migration).err().unwrap_or(warnings),
        Err(findings) => findings,
    }
}

/// What a person sees.
pub fn human(text: &str) -> String {
    render(&findings(text), &SourceFile::new("migration.yaml", text), Format::Human, Style::Plain)
}

/// The codes that a person sees, in the order in which they are shown.
pub fn codes(text: &str) -> Vec<String> {
    human(text)
        .lines()
        .filter_map(|line| Some(line.split_once('[')?.1.split_once("]: ")?.0.to_owned()))
        .filter(|code| code.len() == 4)
        .collect()
}
