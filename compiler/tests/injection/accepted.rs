//! What is accepted, as a gallery: each field with the classes of payloads that it takes.
//!
//! Does not judge; `compared` and `readers` prove that what stands here is inert.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::Edit;
use super::fields::Field;

/// Fields whose text a program is meant to act on: each by its path in the schema, with the reason.
pub const ACTS: &[(&str, &str)] = &[
    ("/spec/hooks/*/preconditions/*/shell", "the team's own commands, for a shell"),
    ("/spec/hooks/*/run/*/shell", "the team's own commands, for a shell"),
    ("/spec/hooks/*/verify/*/shell", "the team's own commands, for a shell"),
    ("/spec/hooks/*/rollback/*/shell", "the team's own commands, for a shell"),
    ("/spec/storage/*/healed/shell", "the team's own command, for a shell"),
    ("/spec/cluster/distribution/kubean/variables/**", "Ansible's templates, which look up secrets where the operator runs"),
];

pub fn acts(pattern: &str) -> bool {
    ACTS.iter().any(|(field, _)| *field == pattern)
}

/// What each field takes: plain words, or the classes of texts with characters that mean something somewhere.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Gallery(BTreeMap<String, BTreeSet<String>>);

/// Stands for letters, digits and `. _ : / , = + @ -`, which mean nothing to a shell, systemd, nginx, keepalived or a template.
const PLAIN: &str = "plain words";

impl Gallery {
    pub fn add(&mut self, field: &Field, class: &str, edit: Edit<'_>) {
        let taken = if edit.is_plain() { PLAIN } else { class };
        self.0.entry(field.pattern.clone()).or_default().insert(taken.to_owned());
    }

    pub fn merge(&mut self, other: Gallery) {
        for (field, taken) in other.0 {
            self.0.entry(field).or_default().extend(taken);
        }
    }

    /// The gallery as it is kept: a line for each field.
    pub fn text(&self) -> String {
        self.0.iter().map(|(field, taken)| format!("{field}: {}\n", taken.iter().cloned().collect::<Vec<_>>().join(", "))).collect()
    }

    /// A gallery that was kept.
    pub fn read(text: &str) -> Self {
        let line =
            |line: &str| line.split_once(": ").map(|(field, taken)| (field.to_owned(), taken.split(", ").map(str::to_owned).collect()));
        Self(text.lines().filter_map(line).collect())
    }

    /// What is here and not there.
    pub fn beyond(&self, other: &Gallery) -> Vec<String> {
        let is_new = |field: &String, taken: &String| !other.0.get(field).is_some_and(|known| known.contains(taken));
        let all = self.0.iter().flat_map(|(field, taken)| taken.iter().map(move |taken| (field, taken)));
        all.filter(|(field, taken)| is_new(field, taken)).map(|(field, taken)| format!("{field}: {taken}")).collect()
    }
}
