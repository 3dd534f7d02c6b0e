//! Specs that compile: the examples and those of other tests, and own ones for fields that occur in none of them.
//!
//! Does not know the fields.

use std::sync::LazyLock;

use replank::pipeline;
use replank::render::Language;
use replank::source::SourceFile;
use serde_json::Value;

use crate::house::files;

/// A spec as data, which compiles as it stands.
#[derive(Debug)]
pub struct Base {
    /// Where it lies.
    pub path: String,
    /// What performs its plan: distributions place the same field in different files.
    pub backend: String,
    pub spec: Value,
}

/// Every spec of the repository that compiles, the shortest first: what is driven often should be small.
pub static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
    let mut texts: Vec<_> = [files("examples"), files("compiler/tests")].concat();
    texts.retain(|(path, text)| path.ends_with(".yaml") && text.contains("kind: Migration"));
    texts.sort_by_key(|(path, text)| (text.len(), path.clone()));
    texts.into_iter().filter_map(|(path, text)| base(path, &text)).collect()
});

fn base(path: String, text: &str) -> Option<Base> {
    pipeline::compile(&SourceFile::new(path.clone(), text), &[Language::English]).ok()?;
    let spec: Value = serde_yaml::from_str(text).unwrap();
    let distribution = spec["spec"]["cluster"]["distribution"].as_object()?;
    let (name, fields) = distribution.iter().next()?;
    let parts = [Some(name.as_str()), fields["datastore"].as_str(), fields.get("ocboot").map(|_| "ocboot")];
    let backend = parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    Some(Base { path, backend, spec })
}
