//! One wrong spec for every code about volumes that lie on single machines.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::cases::{Case, edit};

const SOURCE: &str = "  source:\n";

/// A store of three volumes, with one thing changed.
fn store(code: &'static str, from: &str, to: &str) -> Case {
    let text = "  storage:
    - name: store
      namespace: data
      owner: {statefulSet: store}
      volumes:
        - {claim: disk-store-0, on: old-1}
        - {claim: disk-store-1, on: old-2}
        - {claim: disk-store-2, on: work-1}
      needs: 2
      data: replicated
      healed: {shell: store-is-whole, expect: whole}
";
    assert_eq!(text.matches(from).count(), 1, "`{from}` must be there once");
    edit(code, &[(SOURCE, &format!("{}{SOURCE}", text.replacen(from, to, 1)))])
}

pub fn all() -> Vec<Case> {
    vec![
        store("M115", "claim: disk-store-1", "claim: disk-store-0"),
        store("M116", "needs: 2", "needs: 4"),
        store("M117", "      healed: {shell: store-is-whole, expect: whole}\n", ""),
        store("M118", "claim: disk-store-1", "claim: store-disk-1"),
        store("M119", "on: work-1", "on: new-1"),
        store("M120", "claim: disk-store-1", "claim: log-store-0"),
    ]
}
