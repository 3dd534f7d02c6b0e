//! Nothing is left of a rehearsal, however it ends: no namespace, no bridge, no process, no mount, no file.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::rehearsing::{Plan, QUICK, able};

/// What a rehearsal could leave, as this machine lists it.
fn traces() -> String {
    let script = "ip -o link | awk -F': ' '{ print $2 }' | LC_ALL=C sort\nls /run/netns 2>/dev/null || true\nls -d /run/rehearsal /stand-ins 2>/dev/null || true\n\
                  grep -c . /proc/self/mountinfo\nls /tmp /var/tmp | grep -i -e replank -e rehears || true";
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Processes of the rehearsal that belongs to this plan directory: the world's keeper carries its path in its memory only, but
/// every process of it descends from the program.
fn descendants(of: u32) -> Vec<u32> {
    let script = format!(
        "ps -e -o pid=,ppid= | awk -v root={of} '{{ parent[$1] = $2 }} END {{ for (p in parent) for (q = p; q > 1; q = parent[q]) if (q == root) {{ print p; break }} }}'"
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.trim().parse().ok()).filter(|pid| *pid != of).collect()
}

fn start(plan: &Plan, report: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replank"));
    command.arg("rehearse").arg(plan.directory()).arg("--report").arg(report).args(["--extent", "quick"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    // Only a machine that never gets there should fail: a busy one takes its time.
    let deadline = Instant::now() + Duration::from_secs(300);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Interrupts a rehearsal when its hosts run, and looks for what is left.
fn interrupted_by(signal: &str) {
    let plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    let report = tempfile::tempdir().unwrap();
    let mut child = start(&plan, report.path());
    // Some dozen processes: managers, members of etcd, witnesses.
    wait_until("the hosts run etcd", || descendants(child.id()).len() > 30);
    let running = descendants(child.id());
    assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(!status.success(), "{status}");
    let alive = |pid: &u32| Path::new(&format!("/proc/{pid}/root")).exists() && std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
    wait_until("every process of the rehearsal has ended", || !running.iter().any(alive));
    assert_eq!(std::fs::read_dir(report.path()).unwrap().count(), 0, "an interrupted rehearsal reports nothing");
    let verified = Command::new(env!("CARGO_BIN_EXE_replank")).arg("verify").arg(plan.directory()).output().unwrap();
    assert!(verified.status.success() && verified.stderr.is_empty(), "the plan directory is as it was compiled: {verified:?}");
}

#[test]
fn nothing_is_left_after_a_rehearsal_that_came_to_its_end() {
    let mut plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    let before = traces();
    plan.document.steps.truncate(1);
    plan.seal();
    let report = plan.rehearse(&QUICK);
    assert!(report.steps.iter().any(|step| step.played), "{:?}", report.findings);
    assert_eq!(traces(), before);
}

#[test]
fn nothing_is_left_after_control_c() {
    let before = traces();
    interrupted_by("INT");
    assert_eq!(traces(), before);
}

#[test]
fn nothing_is_left_after_the_program_was_killed() {
    let before = traces();
    interrupted_by("KILL");
    assert_eq!(traces(), before);
}
