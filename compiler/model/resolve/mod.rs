//! From what the user wrote to what the user meant: names looked up, defaults made explicit.
//!
//! The only folder of `model` that knows `spec`. Each file resolves one part and words its own findings; all parts are
//! looked at in one run. Does not judge safety.

mod changes;
mod cluster;
mod context;
mod embedded;
mod etcd_flags;
mod hooks;
mod k3s;
mod k3s_keys;
mod kubeadm;
mod kubeadm_arguments;
mod kubean;
mod kubean_checks;
mod kubean_machines;
mod kubean_playbooks;
mod kubean_variables;
mod kubean_versions;
mod machines;
mod ocboot;
mod ocboot_checks;
mod operating_systems;
mod paths;
mod policy;
mod ports;
mod static_pods;
mod storage;
mod systemd;
mod systemd_units;
mod topology;
mod virtual_ip;

use context::Context;

use crate::diag::Findings;
use crate::model::{Migration, MigrationName};
use crate::spec::Document;

/// Resolves a document. On success the findings are warnings; otherwise at least one of them is an error.
pub fn resolve(document: &Document) -> Result<(Migration, Findings), Findings> {
    let mut context = Context::new(document);
    let migration = resolve_parts(&mut context);
    let mut findings = context.into_findings();
    findings.sort_by_place();
    match migration {
        Some(migration) if !findings.has_errors() => Ok((migration, findings)),
        Some(_) | None => Err(findings),
    }
}

/// Every part is resolved before any is missed, so that one run reports them all.
fn resolve_parts(context: &mut Context<'_>) -> Option<Migration> {
    let written = &context.document.migration;
    let name = context.parse("/metadata/name", &written.metadata.name.0, MigrationName::parse);
    let title = match &written.metadata.title {
        Some(title) => context.line("/metadata/title", &title.0),
        None => written.metadata.name.0.clone(),
    };
    let mut machines = machines::resolve(context);
    let source = topology::resolve(context, topology::End::Source, &machines);
    let target = topology::resolve(context, topology::End::Target, &machines);
    let temporary = changes::resolve(context, &machines);
    operating_systems::assign(context, &mut machines, [&source, &target], &temporary);
    let cluster = cluster::resolve(context, &machines);
    topology::compare(context, &source, &target, &temporary, &machines);
    operating_systems::check(context, &machines, [&source, &target]);
    changes::check(context, &machines, [&source, &target], &temporary);
    if let Some(cluster) = &cluster {
        cluster::compare(context, cluster, &machines, [&source, &target], &temporary);
    }
    let policy = policy::resolve(context, cluster.as_ref());
    let acceptances = policy::acceptances(context);
    let hooks = hooks::resolve(context, &machines);
    let storage = storage::resolve(context, &machines);
    let (source, target) = (source.finish()?, target.finish()?);
    storage::check(context, &storage, &source);
    // A map has no order; what is listed later must not depend on how the spec was sorted.
    machines.sort_unstable_keys();
    Some(Migration { name: name?, title, cluster: cluster?, machines, source, target, temporary, policy, storage, acceptances, hooks })
}
