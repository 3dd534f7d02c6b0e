//! What the proof needs of this machine. Missing tools are a failure with the remedy, not a silent pass.

use std::process::Command;

/// Set to `1` where nobody may be root, such as in some build services: the proof then says that it did not run.
const WITHOUT_ROOT: &str = "REPLANK_WITHOUT_ROOT";

/// What the hosts of a rehearsal need; what a plan needs besides is said by `rehearse::unmet`.
pub const HOSTS: &[(&str, &str)] =
    &[("ip", "iproute2"), ("unshare", "util-linux"), ("nsenter", "util-linux"), ("setpriv", "util-linux"), ("/usr/bin/python3", "python3")];

/// What the readers of artifacts need.
pub const READERS: &[(&str, &str)] = &[
    ("shellcheck", "shellcheck"),
    ("systemd-analyze", "systemd"),
    ("keepalived", "keepalived"),
    ("nginx", "nginx"),
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
    ("dash", "dash"),
    ("/usr/bin/python3", "python3"),
    ("sha256sum", "coreutils"),
];

/// What the readers of kubean's objects need.
pub const ANSIBLE: &[(&str, &str)] = &[("ansible-playbook", "ansible-core"), ("ansible-inventory", "ansible-core"), ("bash", "bash")];

/// Whether the proof can run. Answers `false` only where that was asked for, and then says so.
pub fn met(who: &str, tools: &[(&str, &str)]) -> bool {
    if std::env::var(WITHOUT_ROOT).is_ok_and(|value| value == "1") {
        eprintln!("NOT PROVED: {who}, because {WITHOUT_ROOT}=1");
        return false;
    }
    let missing: Vec<_> = tools.iter().filter(|(tool, _)| !succeeds("sh", &["-c", &format!("command -v {tool}")])).collect();
    let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    assert!(
        missing.is_empty(),
        "{who} needs {}: apt-get install --no-install-recommends {}",
        missing.iter().map(|(tool, _)| *tool).collect::<Vec<_>>().join(", "),
        packages.join(" ")
    );
    assert!(
        succeeds("unshare", &["--mount", "--net", "--pid", "--fork", "true"]),
        "{who} needs root and Linux namespaces: run as root, or set {WITHOUT_ROOT}=1 to go without this proof"
    );
    true
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
