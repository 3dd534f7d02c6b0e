//! etcd inside k3s's servers: its settings are k3s's own, and every control plane is a member.
//!
//! Does not know when members join and leave; `plan` does.

use super::context::Context;
use super::etcd_flags;
use crate::diag::{Code, Diagnostic};
use crate::model::{
    AbsolutePath, Datastore, Distribution, EtcdApi, EtcdProcess, EtcdSettings, EtcdTls, MachineName, Port, TlsFiles, Token, UserName,
};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

const ETCD: &str = "/spec/cluster/etcd";

/// What a spec may say of an etcd that k3s sets up: where `etcdctl` lies, which k3s does not bring along.
const FREE: &str = "binaryDirectory";

/// Everything else that `cluster.etcd` knows.
const SET_BY_K3S: &[&str] = &["api", "runs", "clientPort", "peerPort", "dataDir", "clusterToken", "user", "tls", "memberNames", "flags"];

pub(super) fn is_embedded(distribution: &Distribution) -> bool {
    match distribution {
        Distribution::K3s(k3s) => k3s.datastore == Datastore::Embedded,
        Distribution::Kubean(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => false,
    }
}

/// The same of a spec whose distribution is not resolved yet.
pub(super) fn is_written(context: &Context<'_>) -> bool {
    let k3s = context.document.migration.spec.cluster.distribution.k3s.as_ref();
    k3s.is_some_and(|k3s| k3s.datastore == spec::Datastore::Embedded)
}

/// The etcd that every server of k3s runs (k3s v1.22 to v1.34, `pkg/etcd`): ports, directories and certificates are fixed.
pub(super) fn etcd(context: &mut Context<'_>, written: Option<&spec::Etcd>) -> Option<EtcdSettings> {
    let default = spec::Etcd::default();
    let written = written.unwrap_or(&default);
    for field in SET_BY_K3S {
        let pointer = format!("{ETCD}/{field}");
        if context.document.has(&pointer) {
            let label = format!("expected only `{FREE}` beside an embedded datastore, found `{field}`");
            let diagnostic = Diagnostic::at(Code::M214, &context.key(&pointer), label)
                .why("k3s sets the etcd inside its servers up: ports, directories and certificates are its own.");
            context.find(diagnostic.help("remove the key; flags of this etcd stand in `serverConfig`, under `etcd-arg`"));
        }
    }
    let path = |text: &str| AbsolutePath::parse(text).ok();
    let file = |name: &str| path(&format!("/var/lib/rancher/k3s/server/tls/etcd/{name}"));
    Some(EtcdSettings {
        api: EtcdApi::V3,
        process: EtcdProcess::Service,
        client_port: Port::ETCD_CLIENT,
        peer_port: Port::ETCD_PEER,
        data_dir: path("/var/lib/rancher/k3s/server/db/etcd")?,
        binary_directory: context.parse(&format!("{ETCD}/{FREE}"), &written.binary_directory.0, AbsolutePath::parse)?,
        cluster_token: Token::parse("etcd-cluster").ok()?,
        user: UserName::parse("root").ok()?,
        tls: EtcdTls::Files(TlsFiles {
            ca: file("server-ca.crt")?,
            certificate: file("server-client.crt")?,
            key: file("server-client.key")?,
            client_certificate: file("client.crt")?,
            client_key: file("client.key")?,
        }),
        member_names: indexmap::IndexMap::new(),
        flags: indexmap::IndexMap::new(),
        place: context.key(ETCD),
    })
}

/// The first flag under `etcd-arg` that k3s gives its etcd itself; k3s takes one or a list of them, with or without dashes.
pub(super) fn managed_flag<'v>(key: &str, value: &'v serde_json::Value) -> Option<&'v str> {
    let flags = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    let names =
        flags.iter().filter_map(serde_json::Value::as_str).map(|flag| flag.split('=').next().unwrap_or(flag).trim_start_matches('-'));
    names.filter(|_| key == "etcd-arg").find(|name| etcd_flags::instead(name).is_some())
}

/// The members at one end, or among the machines that help out: the control planes, whether the spec lists them or not. `word` is the key of
/// the lists.
pub(super) fn members(
    context: &mut Context<'_>,
    word: &str,
    control_plane: &[Located<MachineName>],
    listed: Vec<Located<MachineName>>,
) -> Vec<Located<MachineName>> {
    if !is_written(context) {
        return listed;
    }
    let differs = |one: &[Located<MachineName>], other: &[Located<MachineName>]| {
        one.iter().find(|role| !other.iter().any(|there| there.value == role.value)).cloned()
    };
    if let Some(role) = differs(&listed, control_plane).or_else(|| differs(control_plane, &listed).filter(|_| !listed.is_empty())) {
        let label = format!(
            "expected the machines of `{word}.controlPlane` as members of etcd, and nobody else; `{}` is one of the two",
            role.value
        );
        let diagnostic = Diagnostic::at(Code::M214, &role.place, label)
            .why("with an embedded datastore every server is a member of etcd, and nobody else can be one.");
        context.find(diagnostic.help(format!("leave `etcd` out: whoever stands in `{word}.controlPlane` is a member")));
    }
    control_plane.to_vec()
}
