//! The shims behave as the real programs do where a plan can notice.

use std::time::Duration;

use indexmap::IndexMap;

use super::document::{Machine, Ssh};
use super::hosts::{Network, WORKSTATION, World};
use super::requirements::{REHEARSAL, met};

const UNIT: &str = "[Service]\nExecStart=/bin/sh -c 'echo $0 >/run/said; exec sleep 1000' first\n[Install]\nWantedBy=multi-user.target\n";

fn one_host() -> (tempfile::TempDir, World) {
    let plan = tempfile::tempdir().unwrap();
    std::fs::write(plan.path().join("greeting"), "hello\n").unwrap();
    let machine = Machine { address: "fd00::5".parse().unwrap(), ssh: Ssh { user: "root".into(), port: 2222 } };
    let world = World::open(plan.path(), &IndexMap::from([("phy-1".to_owned(), machine)]), &Network::default());
    (plan, world)
}

fn said(world: &World, host: &str, shell: &str) -> String {
    let outcome = world.run(host, shell, Duration::from_secs(20));
    assert!(outcome.succeeded(), "{shell}: {outcome:?}");
    outcome.stdout
}

#[test]
fn a_replaced_unit_runs_its_old_text_until_the_manager_reloads() {
    if !met("the shims", REHEARSAL) {
        return;
    }
    let (_plan, world) = one_host();
    let replaced = UNIT.replace("first", "second");
    let script = format!(
        "set -eu\ncat >/etc/systemd/system/talk.service <<'EOF'\n{UNIT}EOF\nsystemctl daemon-reload\nsystemctl start talk; sleep 0.5; cat /run/said\n\
         cat >/etc/systemd/system/talk.service <<'EOF'\n{replaced}EOF\nsystemctl restart talk; sleep 0.5; cat /run/said\n\
         systemctl daemon-reload; systemctl restart talk; sleep 0.5; cat /run/said"
    );
    assert_eq!(said(&world, "phy-1", &script), "first\nfirst\nsecond\n");
}

#[test]
fn a_service_that_fails_comes_back_and_one_that_is_disabled_does_not_stay_enabled() {
    if !met("the shims", REHEARSAL) {
        return;
    }
    let (_plan, world) = one_host();
    let unit = UNIT.replace("[Install]", "Restart=on-failure\nRestartSec=0.2\n[Install]");
    let script = format!(
        "set -eu\ncat >/etc/systemd/system/talk.service <<'EOF'\n{unit}EOF\nsystemctl enable --now talk 2>/dev/null\nsystemctl is-enabled talk\n\
         systemctl kill -s KILL talk; sleep 1; systemctl is-active talk; systemctl show -p NRestarts --value talk\n\
         systemctl disable --now talk 2>/dev/null; systemctl is-active talk || true; systemctl is-enabled talk || true; \
         systemctl show -p FragmentPath --value talk"
    );
    assert_eq!(said(&world, "phy-1", &script), "enabled\nactive\n1\ninactive\ndisabled\n/etc/systemd/system/talk.service\n");
    let unknown = world.run("phy-1", "systemctl isolate rescue", Duration::from_secs(5));
    assert_eq!(unknown.exit, Some(99), "{unknown:?}");
}

#[test]
fn ssh_and_scp_reach_a_machine_at_its_address_and_port_only() {
    if !met("the shims", REHEARSAL) {
        return;
    }
    let (plan, world) = one_host();
    let script = "set -eu\nscp -q -P 2222 greeting 'root@[fd00::5]:/etc/greeting'\nssh -p 2222 root@fd00::5 'cat /etc/greeting; hostname; id -un'\n\
                  echo 'echo \"from $(hostname)\"' | ssh -p 2222 -l root fd00::5 bash -s\nssh -p 22 root@fd00::5 true || echo \"exit $?\"\nhostname";
    assert_eq!(said(&world, WORKSTATION, script), "hello\nphy-1\nroot\nfrom phy-1\nexit 255\nworkstation\n");
    assert!(!std::path::Path::new("/etc/greeting").exists(), "a host's files are its own");
    said(&world, WORKSTATION, "echo changed >greeting");
    assert_eq!(std::fs::read_to_string(plan.path().join("greeting")).unwrap(), "hello\n", "the plan itself is never changed");
}

#[test]
fn a_command_that_does_not_end_is_stopped_at_its_time() {
    if !met("the shims", REHEARSAL) {
        return;
    }
    let (_plan, world) = one_host();
    let outcome = world.run(WORKSTATION, "ssh -p 2222 root@fd00::5 'echo begun; sleep 1000'", Duration::from_secs(1));
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (None, "begun\n"));
}
