//! Policy and accepted risks, with the place that asked for each, default or not.
//!
//! Does not know whether a risk's name exists; the room that judges does.

use super::context::Context;
use crate::diag::{Code, Diagnostic};
use crate::model::{Acceptance, AcceptanceScope, Cluster, Distribution, EtcdApi, EtcdDeployment, EtcdJoin, Order, Policy};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

pub(super) fn resolve(context: &mut Context<'_>, cluster: Option<&Cluster>) -> Policy {
    let written = context.document.migration.spec.policy.clone().unwrap_or_default();
    let order = match written.order {
        spec::Order::AddThenRemove => Order::AddThenRemove,
        spec::Order::RemoveThenAdd => Order::RemoveThenAdd,
    };
    let join = match written.etcd.join {
        spec::EtcdJoin::Learner => EtcdJoin::Learner,
        spec::EtcdJoin::Voter => EtcdJoin::Voter,
    };
    Policy {
        order: Located::new(order, place(context, "/spec/policy/order")),
        etcd_join: etcd_join(context, join, cluster),
        minimum_etcd_tolerance: Located::new(written.minimum_etcd_tolerance, place(context, "/spec/policy/minimumEtcdTolerance")),
    }
}

/// Where the installer decides, its way; a policy that asks for the other is refused.
fn etcd_join(context: &mut Context<'_>, written: EtcdJoin, cluster: Option<&Cluster>) -> Located<EtcdJoin> {
    let pointer = "/spec/policy/etcd/join";
    let at = place(context, pointer);
    if cluster.is_some_and(|cluster| cluster.etcd.api == EtcdApi::V2) {
        if context.document.has(pointer) && written == EtcdJoin::Learner {
            let diagnostic = Diagnostic::at(Code::M612, &at, "expected `voter`, as etcd's v2 API does it, found the other")
                .why("learners are known to the v3 API only, from etcd v3.4 on.");
            context.find(diagnostic.help_copy("say so, or leave it out", "join: voter"));
        }
        return Located::new(EtcdJoin::Voter, at);
    }
    let Some(Distribution::Kubean(kubean)) = cluster.map(|cluster| &cluster.distribution) else { return Located::new(written, at) };
    let (join, word) = if kubean.joins_as_learner() { (EtcdJoin::Learner, "learner") } else { (EtcdJoin::Voter, "voter") };
    if join != written && context.document.has(pointer) {
        let why = match kubean.etcd_deployment {
            EtcdDeployment::Host => "kubespray adds each member as a voter, whichever release it is.",
            EtcdDeployment::Kubeadm => "kubeadm adds each member as a learner from Kubernetes v1.29 on, and as a voter before.",
        };
        let diagnostic = Diagnostic::at(Code::M612, &at, format!("expected `{word}`, as this installer does it, found the other")).why(why);
        context.find(diagnostic.help_copy("say so, or leave it out", format!("join: {word}")));
    }
    Located::new(join, at)
}

/// A default stands where the policy stands, or where it would stand.
fn place(context: &Context<'_>, pointer: &str) -> Place {
    if context.document.has(pointer) {
        return context.place(pointer);
    }
    let holder = if context.document.has("/spec/policy") { "/spec/policy" } else { "/spec" };
    context.key(holder)
}

pub(super) fn acceptances(context: &mut Context<'_>) -> Vec<Acceptance> {
    let document = context.document;
    let mut acceptances = Vec::new();
    for (index, written) in document.migration.spec.accept.iter().enumerate() {
        let pointer = format!("/spec/accept/{index}");
        acceptances.push(Acceptance {
            risk: Located::new(written.risk.0.clone(), context.place(&format!("{pointer}/risk"))),
            at: AcceptanceScope(written.at.0.clone()),
            reason: context.line(&format!("{pointer}/reason"), &written.reason.0),
            place: context.place(&pointer),
        });
    }
    acceptances
}
