//! The stand-ins behave as the real programs do where a plan can notice.

use std::time::Duration;

use replank::rehearse::{Host, Link, Network, WORKSTATION, World};

use super::requirements::{HOSTS, met};

const UNIT: &str = "[Service]\nExecStart=/bin/sh -c 'echo $0 >/run/said; exec sleep 1000' first\n[Install]\nWantedBy=multi-user.target\n";

fn one_host() -> (tempfile::TempDir, World) {
    one_host_with(tempfile::tempdir().unwrap())
}

fn one_host_with(plan: tempfile::TempDir) -> (tempfile::TempDir, World) {
    std::fs::write(plan.path().join("greeting"), "hello\n").unwrap();
    let host = Host { name: "phy-1".into(), address: "fd00::5".parse().unwrap(), ssh_port: 2222 };
    let network = Network { interface: "eth0".into(), prefix: None };
    let world = World::open(plan.path(), &[host], &network, &[]).unwrap_or_else(|stop| panic!("{stop:?}"));
    (plan, world)
}

fn said(world: &World, host: &str, shell: &str) -> String {
    let outcome = world.run(host, shell, Duration::from_secs(20)).unwrap();
    assert!(outcome.succeeded(), "{shell}: {outcome:?}");
    outcome.stdout
}

#[test]
fn a_replaced_unit_runs_its_old_text_until_the_manager_reloads() {
    if !met("the stand-ins", HOSTS) {
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
    if !met("the stand-ins", HOSTS) {
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
    let unknown = world.run("phy-1", "systemctl isolate rescue", Duration::from_secs(5)).unwrap();
    assert_eq!(unknown.exit, Some(99), "{unknown:?}");
}

#[test]
fn ssh_and_scp_reach_a_machine_at_its_address_and_port_only() {
    if !met("the stand-ins", HOSTS) {
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
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = one_host();
    let outcome = world.run(WORKSTATION, "ssh -p 2222 root@fd00::5 'echo begun; sleep 1000'", Duration::from_secs(1)).unwrap();
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (None, "begun\n"));
}

#[test]
fn a_machine_that_is_cut_off_is_not_reached_until_it_is_back() {
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = one_host();
    let reach = || world.run(WORKSTATION, "ssh -p 2222 root@fd00::5 hostname", Duration::from_secs(20)).unwrap();
    world.set_link("phy-1", Link::Down).unwrap();
    assert_eq!(reach().exit, Some(255));
    world.set_link("phy-1", Link::Up).unwrap();
    // Neighbours find each other again within seconds.
    let again = (0..5).map(|_| reach()).find(|outcome| outcome.succeeded());
    assert_eq!(again.unwrap().stdout, "phy-1\n");
}

#[test]
fn a_plan_may_lie_below_run_and_have_any_letter_in_its_path() {
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = one_host_with(tempfile::Builder::new().prefix("plan:of,all ").tempdir_in("/run").unwrap());
    assert_eq!(said(&world, WORKSTATION, "cat greeting"), "hello\n");
}

#[test]
fn a_host_has_a_memory_of_its_own_and_nothing_of_the_kernel() {
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = one_host();
    let namespace = |host| said(&world, host, "readlink /proc/self/ns/ipc");
    let here = std::fs::read_link("/proc/self/ns/ipc").unwrap();
    let (host, workstation) = (namespace("phy-1"), namespace(WORKSTATION));
    assert!(host != workstation && host.trim() != here.to_str().unwrap(), "{host} {workstation} {here:?}");
    // Bits 16, 17, 22, 25, 27: module, rawio, boot, time, mknod; neither the command's own nor what it may hand down.
    let held = "awk '/^Cap(Inh|Prm|Eff|Bnd|Amb)/ { print $2 }' /proc/self/status /proc/1/status";
    for set in said(&world, "phy-1", held).lines() {
        assert_eq!(u64::from_str_radix(set, 16).unwrap() & 0x0a43_0000, 0, "{set}");
    }
    let open = "for part in sys irq bus fs; do if [ -d /proc/$part ]; then findmnt -no OPTIONS /proc/$part | grep -q '^ro' || echo $part; fi; done";
    assert_eq!(said(&world, "phy-1", open), "");
}

#[test]
fn a_service_is_marked_when_it_is_told_to_read_its_configuration() {
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = one_host();
    let unit = UNIT.replace("[Install]", "ExecReload=/bin/true\n[Install]");
    let read = "[ /etc/talk.conf -nt /run/stand-in/talk.service.read ] && echo unread || echo read";
    let script = format!(
        "set -eu\ncat >/etc/systemd/system/talk.service <<'EOF'\n{unit}EOF\nsystemctl daemon-reload\n\
         touch /etc/talk.conf; systemctl start talk; {read}\nsleep 0.1; touch /etc/talk.conf; systemctl start talk; {read}\n\
         systemctl reload talk; {read}\ntouch -d '1 second' /etc/talk.conf; {read}"
    );
    assert_eq!(said(&world, "phy-1", &script), "read\nunread\nread\nunread\n");
}
