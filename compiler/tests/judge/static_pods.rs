//! Members of etcd that live only where their machines are nodes, and restart when they are described anew.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::{AbsolutePath, EtcdProcess, Image, StaticPod};

use super::builder::{Draft, Story, machine, machines};
use super::flagship;
use super::relocation::{drafts, story};
use super::show::{clean, only};

fn with_pods(mut story: Story) -> Story {
    let image = Image::parse("registry.k8s.io/etcd:3.5.9-0").unwrap();
    let manifest = AbsolutePath::parse("/etc/kubernetes/manifests/etcd.yaml").unwrap();
    story.migration.cluster.etcd.process = EtcdProcess::StaticPod(StaticPod { image, manifest });
    story
}

#[test]
fn a_member_is_down_while_it_restarts_and_the_policy_is_asked() {
    only(Code::V202, &with_pods(story()), &drafts());
}

#[test]
fn a_restart_that_is_accepted_shows_in_its_row_and_nowhere_else() {
    let ledger = clean(&with_pods(story()).accepting("etcd-no-tolerance", "87-settle-etcd"), &drafts());
    let during: Vec<_> = ledger.rows.iter().filter(|row| row.during.as_ref().is_some_and(|worst| worst.etcd_tolerance == 0)).collect();
    assert_eq!((during.len(), ledger.lowest_at.len(), ledger.lowest_etcd_tolerance), (3, 3, 0));
    assert!(ledger.rows.iter().all(|row| row.after.etcd_tolerance >= 1));
}

#[test]
fn units_restart_nothing() {
    assert_eq!(clean(&story(), &drafts()).lowest_etcd_tolerance, 1);
}

#[test]
fn a_member_on_a_machine_that_is_no_node_never_starts() {
    let story = with_pods(flagship::story()).asking_for(0);
    only(Code::V405, &story, &flagship::drafts());
}

#[test]
fn a_node_is_not_removed_while_it_runs_a_member() {
    let mut drafts = drafts();
    let at = drafts.iter().position(|draft| draft.phase == Phase::SwapEtcd).unwrap();
    let removal = Action::RemoveNode { machine: machine("old-3"), cordoned: machines(&["old-3"]) };
    drafts.insert(at, Draft::new(Phase::RemoveNodes, "old-3", removal, &[]));
    let story = with_pods(story()).asking_for(0);
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    let text = super::show::text(&findings, &story);
    assert!(text.contains("expected a node that runs no member of etcd; old-3 does"), "{text}");
}
