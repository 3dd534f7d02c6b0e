//! Policy and accepted risks, with the place that asked for each, default or not.
//!
//! Does not know whether a risk's name exists; the room that judges does.

use super::context::Context;
use crate::model::{Acceptance, AcceptanceScope, EtcdJoin, Order, Policy};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

pub(super) fn resolve(context: &mut Context<'_>) -> Policy {
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
        etcd_join: Located::new(join, place(context, "/spec/policy/etcd/join")),
        minimum_etcd_tolerance: Located::new(written.minimum_etcd_tolerance, place(context, "/spec/policy/minimumEtcdTolerance")),
    }
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
