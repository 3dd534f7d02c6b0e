//! Mistakes about etcd and its disks: members, backups, file systems.

use crate::kubeadm::compiled::{NEW, OLD, example, in_order};

/// The document deletes a disk's content, mounts it by a name that changes, and never adds the line to /etc/fstab at which it looked.
#[test]
fn a_disk_is_looked_at_and_never_wiped_or_mounted() {
    let plan = example();
    for name in NEW {
        let preconditions = plan.part(&format!("10-prepare/{name}"), "preconditions");
        in_order(
            &preconditions,
            &["findmnt --verify --tab-file /etc/fstab", "mountpoint -q '/var/lib/etcd'", "findmnt -n --fstab --target"],
        );
        assert!(preconditions.contains("old data lies in /var/lib/etcd"));
    }
    let everything = plan.everything();
    for word in ["/dev/sd", "umount", "mount /", "mkfs"] {
        assert!(!everything.contains(word), "{word}");
    }
}

/// The document adds members in the words of etcd 2.
#[test]
fn a_member_is_added_in_the_words_of_etcd_three() {
    let run = example().part("30-grow-etcd/master-1", "run");
    assert!(run.contains("env -i ETCDCTL_API=3"));
    in_order(&run, &["member add", "--peer-urls='http://10.200.20.101:2380'"]);
}

/// The document lists three adds in a row.
#[test]
fn each_member_votes_before_the_next_is_added() {
    let plan = example();
    for (name, count) in NEW.iter().zip(4..) {
        let id = format!("30-grow-etcd/{name}");
        let verify = plan.step(&id)["verify"].to_string();
        assert!(verify.contains(&format!("{count} members, all voting and started")), "{id}");
        assert_eq!(plan.step(&id)["after"]["etcd"]["started"], count);
    }
    let needs = &plan.step("30-grow-etcd/master-3")["needs"];
    assert!(needs.as_array().unwrap().iter().any(|need| need == "30-grow-etcd/master-2"), "{needs}");
}

/// The document has six members for as long as it takes.
#[test]
fn one_member_may_fail_at_any_time_and_three_are_left() {
    let plan = example();
    for step in plan.steps() {
        assert!(step["after"]["etcd"]["tolerance"].as_i64().unwrap() >= 1, "{}", step["id"]);
    }
    assert_eq!(plan.steps().last().unwrap()["after"]["etcd"]["voters"], serde_json::json!(NEW));
}

/// The order of the document was right: an API server ends before the first member that it names.
#[test]
fn old_api_servers_end_before_the_members_that_they_name() {
    let plan = example();
    let last = OLD.map(|name| plan.place(&format!("72-demote-control-planes/{name}"))).into_iter().max();
    let first = OLD.map(|name| plan.place(&format!("80-swap-etcd/{name}"))).into_iter().min();
    assert!(last < first);
}

/// The document removes members without looking who leads, and without a look at the others.
#[test]
fn a_member_leaves_when_the_others_are_well_and_leads_no_more() {
    let plan = example();
    for (name, left) in OLD.iter().zip([5, 4, 3]) {
        let id = format!("80-swap-etcd/{name}");
        assert!(plan.part(&id, "preconditions").contains("endpoint health"));
        in_order(&plan.part(&id, "run"), &["snapshot save", "move-leader", "member remove", "systemctl disable --now etcd"]);
        in_order(&plan.part(&id, "verify"), &["endpoint health", "put 'replank/"]);
        assert!(plan.step(&id)["verify"].to_string().contains(&format!("{left} members, all voting and started")));
    }
}

/// The document changes `--initial-cluster` of members that run, as if it were read again.
#[test]
fn the_final_list_of_members_is_written_and_nothing_restarts_for_it() {
    let plan = example();
    for name in NEW {
        let id = format!("87-settle-etcd/{name}");
        assert!(!plan.part(&id, "run").contains("restart"));
        let unit = plan.file(&format!("steps/{id}/etcd.service"));
        assert!(unit.contains("--initial-cluster-state existing"));
        assert!(OLD.iter().all(|old| !unit.contains(&format!("{old}="))));
    }
}

/// The document has no backup of anything.
#[test]
fn data_keys_and_manifests_of_every_control_plane_are_kept_before_the_first_change() {
    let plan = example();
    assert!(plan.place("20-back-up/etcd") < plan.place("30-grow-etcd/master-1"));
    assert!(plan.place("20-back-up/control-plane") < plan.place("30-grow-etcd/master-1"));
    assert!(plan.part("20-back-up/etcd", "run").contains("snapshot save"));
    let (run, verify) = (plan.part("20-back-up/control-plane", "run"), plan.part("20-back-up/control-plane", "verify"));
    for name in OLD {
        assert!(run.contains(&format!("/{name}.tar.gz.part")), "{name}");
        assert!(verify.contains(&format!("/{name}.tar.gz\" > /dev/null")), "{name}");
        // A way back brings back what its own step kept: what lay there by then.
        let id = format!("72-demote-control-planes/{name}");
        let kept = format!("/72-demote-control-planes.{name}.tar.gz");
        assert!(plan.part(&id, "run").contains(&kept) && plan.part(&id, "rollback").contains(&kept), "{name}");
    }
    assert_eq!(run.matches("tar -C / -czf - etc/kubernetes").count(), 3);
}
