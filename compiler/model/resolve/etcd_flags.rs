//! Further flags of etcd: which of them replank sets itself, and what to do instead of setting those.
//!
//! Does not know which flags an etcd of which release has; a precondition compares them with those that the members run with.

use indexmap::IndexMap;

use super::context::Context;
use crate::diag::{Code, Diagnostic};
use crate::model::{FlagName, FlagValue};
use crate::spec::v1alpha1 as spec;

const FLAGS: &str = "/spec/cluster/etcd/flags";

pub(super) fn resolve(
    context: &mut Context<'_>,
    written: &IndexMap<spec::word::FlagName, spec::FlagValue>,
) -> IndexMap<FlagName, FlagValue> {
    let mut flags = IndexMap::new();
    for (name, value) in written {
        let pointer = format!("{FLAGS}/{}", name.0);
        if let Some(advice) = instead(&name.0) {
            let label = format!("expected a flag that replank leaves free, found `{}`", name.0);
            context.find(Diagnostic::at(Code::M304, &context.key(&pointer), label).help(advice));
            continue;
        }
        let name = context.parse(&pointer, &name.0, FlagName::parse);
        let value = context.parse(&pointer, &value.to_string(), FlagValue::parse);
        flags.extend(name.zip(value));
    }
    flags.sort_unstable_keys();
    flags
}

/// What to do instead of setting a flag that is not free.
pub(super) fn instead(flag: &str) -> Option<&'static str> {
    let advice = match flag {
        "name" => "set `cluster.etcd.memberNames`",
        "data-dir" => "set `cluster.etcd.dataDir`",
        "wal-dir" => "leave it out: a directory of its own for the log is not supported, it lies in `cluster.etcd.dataDir`",
        "listen-client-urls" | "advertise-client-urls" => "set `address` of the machine and `cluster.etcd.clientPort`",
        "listen-peer-urls" | "initial-advertise-peer-urls" => "set `address` of the machine and `cluster.etcd.peerPort`",
        "initial-cluster-token" => "set `cluster.etcd.clusterToken`",
        "initial-cluster" | "initial-cluster-state" => "leave it out: the plan lists the members of each moment",
        "auto-tls" | "cert-file" | "key-file" | "trusted-ca-file" | "client-cert-auth" => "set `cluster.etcd.tls`",
        "peer-auto-tls" | "peer-cert-file" | "peer-key-file" | "peer-trusted-ca-file" | "peer-client-cert-auth" => "set `cluster.etcd.tls`",
        "strict-reconfig-check" => "leave it out: the plan relies on etcd's default",
        "force-new-cluster" => "leave it out: it makes a cluster of one member",
        "config-file" => "leave it out: etcd ignores every flag where it is given a file",
        _ if flag.starts_with("discovery") => "leave it out: the plan lists the members of each moment",
        _ if flag.starts_with("listen-") && flag.ends_with("-urls") => "leave it out: etcd listens where the plan says, and nowhere else",
        _ => return None,
    };
    Some(advice)
}
