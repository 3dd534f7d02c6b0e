//! From what the user wrote to what the user meant: names looked up, defaults made explicit.
//!
//! The only folder of `model` that knows `spec`. Each file resolves one part and words its own findings; all parts are
//! looked at in one run. Does not judge safety.

mod cluster;
mod context;
mod etcd_flags;
mod hooks;
mod k3s;
mod k3s_keys;
mod machines;
mod paths;
mod policy;
mod ports;
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
    let machines = machines::resolve(context);
    let source = topology::resolve(context, topology::End::Source, &machines);
    let target = topology::resolve(context, topology::End::Target, &machines);
    let cluster = cluster::resolve(context, &machines);
    topology::compare(context, &source, &target, &machines);
    if let Some(cluster) = &cluster {
        virtual_ip::compare(context, cluster.virtual_ip.as_ref(), &source, &target, &machines);
        cluster::check_member_names(context, &cluster.etcd, &source, &target);
        ports::check(context, cluster, &machines, &source, &target);
        paths::check(context, cluster, &machines, &source, &target);
    }
    let policy = policy::resolve(context);
    let acceptances = policy::acceptances(context);
    let hooks = hooks::resolve(context, &machines);
    let (source, target) = (source.finish()?, target.finish()?);
    // A map has no order; what is listed later must not depend on how the spec was sorted.
    let mut machines = machines;
    machines.sort_unstable_keys();
    Some(Migration { name: name?, title, cluster: cluster?, machines, source, target, policy, acceptances, hooks })
}
