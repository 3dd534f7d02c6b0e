//! What a rehearsal needs of this machine, and how to get what is missing.

use std::process::Command;

use crate::render::document::{DistributionDocument, PlanDocument, StepDocument};

/// Program, and the package of Debian and Ubuntu that brings it.
type Tool = (&'static str, &'static str);

const ALWAYS: &[Tool] = &[
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("setpriv", "util-linux"),
    ("ip", "iproute2"),
    ("ss", "iproute2"),
    ("ping", "iputils-ping"),
    ("openssl", "openssl"),
    ("curl", "curl"),
    ("pgrep", "procps"),
    ("hostname", "hostname"),
    ("etcd", "etcd-server"),
    ("etcdctl", "etcd-client"),
    ("/usr/bin/python3", "python3"),
];
const FOR_A_VIRTUAL_IP: Tool = ("keepalived", "keepalived");
const FOR_A_LOAD_BALANCER: Tool = ("nginx", "nginx");
/// What a plan of nginx says when it hands on connections, and not requests: the block `stream { ... }`, or the folder of such files.
/// Debian has that part of nginx in a package of its own, which has no program.
const STREAM: &str = "stream";
const STREAM_PACKAGE: &str = "libnginx-mod-stream";

/// Why this machine cannot rehearse the plan, in words for the user; nothing when it can.
pub fn unmet(plan: &PlanDocument) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("a rehearsal needs Linux: its hosts are network namespaces".to_owned());
    }
    let mut tools = ALWAYS.to_vec();
    if plan.cluster.virtual_ip.is_some() {
        tools.push(FOR_A_VIRTUAL_IP);
    }
    if uses_nginx(plan) {
        tools.push(FOR_A_LOAD_BALANCER);
    }
    tools.retain(|(program, _)| !succeeds("sh", &["-c", &format!("PATH=$PATH:/usr/sbin:/sbin command -v {program}")]));
    if !succeeds("/usr/bin/python3", &["-c", "import yaml"]) {
        tools.push(("the yaml module of python3", "python3-yaml"));
    }
    if uses_stream(plan) && !succeeds("sh", &["-c", STREAM_IS_KNOWN]) {
        tools.push(("the stream module of nginx", STREAM_PACKAGE));
    }
    if !tools.is_empty() {
        let names: Vec<_> = tools.iter().map(|(program, _)| *program).collect();
        let mut packages: Vec<_> = tools.iter().map(|(_, package)| *package).collect();
        packages.sort_unstable();
        packages.dedup();
        return Some(format!(
            "this machine lacks what the rehearsal runs: {}\nhelp: on Debian and Ubuntu:\n  apt-get install --no-install-recommends {}",
            names.join(", "),
            packages.join(" ")
        ));
    }
    if !succeeds("/usr/bin/python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]) {
        return Some(
            "the rehearsal needs python3 3.9 or later as /usr/bin/python3\nhelp: use Debian 11, Ubuntu 22.04, or later".to_owned(),
        );
    }
    cannot_hold_hosts()
}

/// Makes in small what hosts are made of, and names what this machine refuses.
const HOSTS_IN_SMALL: &str = r#"
PATH=$PATH:/usr/sbin:/sbin
refused() { echo "$1"; exit 1; }
mount -t tmpfs tmpfs /run && mkdir /run/upper /run/work /run/root || refused 'a tmpfs'
mount -t overlay overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work /run/root || refused 'an overlay over its root file system'
for kind in bridge veth; do ip link add type $kind || refused "a network link of type $kind"; done
"#;

/// Why this machine has no room for hosts. Without a word of the script there were not even namespaces.
fn cannot_hold_hosts() -> Option<String> {
    let namespaces = ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--mount-proc", "sh", "-c", HOSTS_IN_SMALL];
    let outcome = Command::new("unshare").args(namespaces).output();
    let output = match outcome {
        Ok(output) if output.status.success() => return None,
        Ok(output) => output,
        Err(error) => return Some(format!("unshare does not run: {error}\nhelp: apt-get install --no-install-recommends util-linux")),
    };
    let refused = String::from_utf8_lossy(&output.stdout);
    let Some(refused) = refused.lines().next() else {
        return Some(
            "a rehearsal needs root: it makes namespaces for processes, mounts and networks\nhelp: run it with sudo; in a container, with `--privileged`"
                .to_owned(),
        );
    };
    let reason = String::from_utf8_lossy(&output.stderr);
    let reason = reason.lines().next().unwrap_or("no reason is given");
    Some(format!(
        "this machine refuses {refused}, of which a rehearsal makes its hosts: {reason}\n\
         help: in a container, use `--privileged`; the kernel needs the modules overlay, bridge and veth:\n  modprobe -a overlay bridge veth"
    ))
}

/// Whether nginx accepts a `stream` block as it is set up on this machine, beside whatever its own files say.
const STREAM_IS_KNOWN: &str = r#"
PATH=$PATH:/usr/sbin:/sbin
folder=$(mktemp -d)
printf 'include /etc/nginx/modules-enabled/*.conf;\npid %s/pid;\nerror_log stderr;\nevents {}\nstream {}\n' "$folder" >"$folder/nginx.conf"
nginx -t -q -c "$folder/nginx.conf"
known=$?
rm -r "$folder"
exit $known
"#;

/// Whether workers have a proxy of their own, which is nginx.
fn has_proxies(plan: &PlanDocument) -> bool {
    match &plan.cluster.distribution {
        DistributionDocument::K3s(_) | DistributionDocument::Kubeadm(_) | DistributionDocument::Systemd(_) => false,
        DistributionDocument::Kubean(kubean) => kubean.load_balancer.is_none(),
    }
}

fn uses_nginx(plan: &PlanDocument) -> bool {
    has_proxies(plan)
        || plan.steps.iter().flat_map(|step| &step.artifacts).any(|artifact| artifact.kind.contains("nginx"))
        || mentions(plan, "nginx")
}

/// A plan's own artifacts for nginx are load balancers, which hand on connections; hooks say it in their commands.
fn uses_stream(plan: &PlanDocument) -> bool {
    let is_balancer = plan.steps.iter().flat_map(|step| &step.artifacts).any(|artifact| artifact.kind.contains("nginx"));
    is_balancer || has_proxies(plan) || mentions(plan, "nginx") && mentions(plan, STREAM)
}

/// Whether any command of the plan holds the word, the way back included: a rehearsal plays that too.
fn mentions(plan: &PlanDocument, word: &str) -> bool {
    let of_step = |step: &StepDocument| {
        let mut commands = step.preconditions.iter().chain(&step.run).chain(&step.verify).chain(&step.rollback);
        commands.any(|command| command.shell.contains(word))
    };
    plan.steps.iter().any(of_step)
}

/// Name and version of each real program that takes part, as it says itself.
pub fn versions(plan: &PlanDocument) -> Vec<(String, String)> {
    let mut questions = vec![("etcd", "etcd --version")];
    if plan.cluster.virtual_ip.is_some() {
        questions.push(("keepalived", "keepalived --version"));
    }
    if uses_nginx(plan) {
        questions.push(("nginx", "nginx -v"));
    }
    let answer = |shell: &str| {
        let output = Command::new("sh").args(["-c", &format!("PATH=$PATH:/usr/sbin:/sbin; {shell} 2>&1")]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = |word: &&str| word.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit());
        let words = text.lines().next()?.split([' ', '/']).find(number)?;
        Some(words.trim_start_matches('v').trim_end_matches(',').to_owned())
    };
    questions.into_iter().map(|(name, shell)| (name.to_owned(), answer(shell).unwrap_or_else(|| "unknown".to_owned()))).collect()
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
