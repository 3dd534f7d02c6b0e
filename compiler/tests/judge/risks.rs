//! Risks that a spec takes, and entries that take none.

use replank::diag::Code;
use replank::ir::Action;
use replank::model::EtcdJoin;

use super::builder::machine;
use super::flagship::{action_mut, drafts, story};
use super::show::{clean, exactly};

fn with_a_voter() -> Vec<super::builder::Draft> {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "30-grow-etcd/phy-1") = Action::AddEtcdMember { machine: machine("phy-1"), join: EtcdJoin::Voter };
    drafts
}

#[test]
fn an_accepted_risk_moves_into_the_ledger_with_its_arithmetic() {
    let ledger = clean(&story().accepting("etcd-no-tolerance", "30-grow-etcd"), &with_a_voter());
    let [accepted] = ledger.accepted.as_slice() else { panic!("{:?}", ledger.accepted) };
    assert_eq!((accepted.step.as_str(), accepted.reason.as_str()), ("30-grow-etcd/phy-1", "agreed"));
    assert!(accepted.finding.starts_with("3 of 4 voters live, quorum 3, tolerance 0; policy needs 1"), "{}", accepted.finding);
}

#[test]
fn an_entry_that_accepts_nothing_is_an_error() {
    exactly(Code::V504, &story().accepting("etcd-no-tolerance", "30-grow-etcd/phy-1"), &drafts());
}

#[test]
fn an_unknown_risk_is_an_error() {
    exactly(Code::V505, &story().accepting("etcd-no-tolerence", "30-grow-etcd/phy-1"), &drafts());
}
