//! The ledger row of a step as the rehearsal compares it: who votes and who learns after the step.

use std::collections::BTreeSet;

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub voters: BTreeSet<String>,
    pub learners: BTreeSet<String>,
}

/// The membership that `after` promises. The one place that knows how the row is spelled.
pub fn promised(after: &Value) -> Option<Membership> {
    let names = |group: &str| -> Option<BTreeSet<String>> {
        let nested = after.pointer(&format!("/etcd/{}", group.to_lowercase()));
        let list = nested.or_else(|| after.get(format!("etcd{group}"))).or_else(|| after.get(format!("etcd_{}", group.to_lowercase())))?;
        Some(list.as_array()?.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
    };
    Some(Membership { voters: names("Voters")?, learners: names("Learners").unwrap_or_default() })
}
