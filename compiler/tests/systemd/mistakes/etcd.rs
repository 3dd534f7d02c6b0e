//! Mistakes about etcd: whom lists name and when, how members join and leave, what a backup holds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubeadm::compiled::{Compiled, in_order};
use crate::systemd::{MEMBERS, NEW, OLD, example};

fn names(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Addresses of the example, by machine.
fn members() -> BTreeMap<String, String> {
    let old = OLD.iter().zip(31..).map(|(name, last)| ((*name).to_owned(), format!("10.17.33.{last}")));
    old.chain(NEW.iter().zip(21..).map(|(name, last)| ((*name).to_owned(), format!("10.17.33.{last}")))).collect()
}

/// Files of a step that clients of etcd read.
fn lists(plan: &Compiled) -> Vec<(&String, &String)> {
    let ends = ["kube-apiserver.env", "flanneld.env", "repoint-node.sh", "skydns.yaml", "kube2sky.yaml"];
    plan.files.iter().filter(|(path, _)| ends.iter().any(|end| path.ends_with(end))).collect()
}

/// The document writes addresses without a scheme in one place and with one in another, and dashes that no program knows.
#[test]
fn every_address_has_its_scheme_and_every_flag_its_dashes() {
    let plan = example();
    for (path, text) in plan.files.iter().filter(|(path, _)| path.starts_with("steps/")) {
        assert!(!text.contains(['–', '—', '−']), "{path}: a dash that is none");
        for (at, _) in text.match_indices(":4012") {
            let before = &text[..at];
            let address = &before[before.rfind(|letter: char| letter != '.' && !letter.is_ascii_digit()).unwrap() + 1..];
            assert!(before.ends_with(&format!("http://{address}")), "{path}: {address} without a scheme");
        }
    }
    let commands = plan.everything();
    assert!(!commands.contains(['–', '—', '−']), "a dash that is none");
}

/// The new master is told of members that do not exist yet, and goes by whichever answers.
#[test]
fn nobody_is_told_of_a_machine_that_is_no_member_at_that_step() {
    let plan = example();
    let addresses = members();
    let lists = lists(&plan);
    assert_eq!(lists.len(), 6, "API server and flannel of the master, two batches, two controllers");
    for (path, text) in lists {
        let step = path.strip_prefix("steps/").unwrap().rsplit_once('/').unwrap().0;
        let before = &plan.steps().nth(plan.place(step) - 1).unwrap()["after"]["etcd"]["voters"];
        for (name, address) in &addresses {
            if text.contains(&format!("{address}:4012")) {
                assert!(names(before).contains(name), "{path} names {name}, which is no member yet");
                assert!(NEW.contains(&name.as_str()), "{path} names {name}, which leaves");
            }
        }
    }
    assert_eq!(plan.steps().nth(plan.place("40-add-control-plane/master-new")).unwrap()["after"]["etcd"]["started"], 6);
}

/// The document has the whole new list written while old members are still there, which works only if the first one answers.
#[test]
fn all_who_are_told_are_told_the_same_list_once() {
    let plan = example();
    for (path, text) in lists(&plan) {
        if path.ends_with("kube2sky.yaml") {
            assert!(text.contains("--etcd-server=http://10.17.33.21:4012\n"), "it knows one member only");
        } else {
            assert!(text.contains(MEMBERS), "{path}");
        }
    }
    let unchanged = |folder: &str| !plan.steps().any(|step| step["id"].as_str().unwrap().starts_with(folder));
    assert!(unchanged("85-settle-control-plane"), "the API server knows the members of the end from its first start");
}

/// The cluster's own script makes clusters: `new`, and names counted from nought.
#[test]
fn members_join_one_at_a_time_with_the_list_of_the_moment_and_a_name_of_their_own() {
    let plan = example();
    let mut listed: Vec<String> = OLD.iter().enumerate().map(|(index, _)| format!("domeosEtcd{index}=")).collect();
    for (index, name) in NEW.iter().enumerate() {
        let id = format!("30-grow-etcd/{name}");
        let unit = plan.file(&format!("steps/{id}/etcd.service"));
        let own = format!("domeosEtcd{}", index + 3);
        listed.push(format!("{own}="));
        in_order(unit, &[&format!("--name {own} "), "--initial-cluster-token domeos-etcd-cluster", "--initial-cluster-state existing"]);
        let list = unit.lines().find(|line| line.contains("--initial-cluster ")).unwrap();
        assert_eq!(list.matches('=').count(), listed.len(), "{list}");
        assert!(listed.iter().all(|member| list.contains(member.as_str())), "{list}");
        let run = plan.part(&id, "run");
        // The words of etcd 2: name, then address.
        in_order(&run, &[&format!("member add '{own}' 'http://10.17.33.2{}:4010'", index + 1), "systemctl start --no-block etcd"]);
        assert!(!run.contains("--peer-urls") && !run.contains("ETCDCTL_API=3"));
        let voting = format!("{} members, all voting and started", listed.len());
        assert!(plan.step(&id)["verify"].to_string().contains(&voting), "{id}");
    }
    for pair in NEW.windows(2) {
        let needs = names(&plan.step(&format!("30-grow-etcd/{}", pair[1]))["needs"]);
        assert_eq!(needs, [format!("30-grow-etcd/{}", pair[0])], "one add at a time");
    }
}

/// A snapshot of the v3 API holds none of these keys.
#[test]
fn the_backup_is_one_of_the_v2_api_and_comes_first() {
    let plan = example();
    let run = plan.part("20-back-up/etcd", "run");
    in_order(&run, &["backup --data-dir '/var/lib/etcd' --backup-dir", "/v2/keys/?recursive=true", "member/wal/.*[.]wal$"]);
    assert!(!plan.everything().contains("snapshot save"));
    assert!(plan.place("20-back-up/etcd") < plan.place("30-grow-etcd/etcd-new-1"));
}

/// The document looks once who leads and moves that member last; minutes later another one may lead.
#[test]
fn who_leads_is_asked_before_each_removal() {
    let plan = example();
    for (name, left) in OLD.iter().zip([5, 4, 3]) {
        let id = format!("80-swap-etcd/{name}");
        in_order(&plan.part(&id, "run"), &["isLeader=true", "member remove", "systemctl stop etcd", ".removed-by-replank"]);
        assert!(!plan.part(&id, "run").contains("move-leader"), "the v2 API has none");
        assert!(plan.step(&id)["verify"].to_string().contains(&format!("{left} members, all voting and started")));
        assert!(plan.place("69-roll-dns/dns") < plan.place(&id), "whoever named it was told before");
    }
}

/// Voters of the v2 API count before they run: what that costs is said, and taken by a person.
#[test]
fn the_seconds_in_which_no_member_may_fail_are_accepted_by_name() {
    let plan = example();
    assert_eq!(plan.step("30-grow-etcd/etcd-new-1")["during"]["etcdTolerance"], 0);
    assert!(plan.file("REVIEW.md").contains("the v2 API knows no learners"), "the reason that somebody gave");
    assert_eq!(plan.steps().last().unwrap()["after"]["etcd"]["voters"], serde_json::json!(NEW));
}
