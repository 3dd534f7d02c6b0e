//! The source can give what the policy asks.
//!
//! A cluster that bears fewer failures today than its policy asks for is held to what it has, so that it can grow. Who wrote the
//! policy should know.

use crate::diag::{Code, Diagnostic};
use crate::verify::scene::{Report, Whole};
use crate::verify::state::State;

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let policy = &whole.migration.policy.minimum_etcd_tolerance;
    let tolerance = State::source(whole.migration).etcd.tolerance();
    // The default asks for one failure; nobody promised that.
    let is_written = policy.place.pointer.ends_with("/minimumEtcdTolerance");
    if !is_written || whole.plan.steps.is_empty() || tolerance >= i64::from(policy.value) {
        return;
    }
    let members = whole.migration.source.etcd.len();
    let text = format!("expected at most {tolerance}, which is what the source's {members} voters bear; found {}", policy.value);
    let finding = Diagnostic::new(Code::V210, policy.place.span, text)
        .related(whole.migration.source.place.span, "the source")
        .why(format!("Before the first step the policy is broken already. The plan is held to {tolerance} instead."))
        .help("Grow etcd first, in a migration of its own, if the policy must hold at every moment of this one.");
    report.whole("policy", finding);
}
