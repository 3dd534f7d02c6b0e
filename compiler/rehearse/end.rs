//! The end: the target and nothing else, on every machine, and after a restart still.

use std::time::Duration;

use crate::render::document::{
    DatastoreDocument, DistributionDocument, EtcdDeploymentDocument, FrameDocument, LeftoversDocument, TopologyDocument,
};

use super::compare;
use super::cut::bring_the_address_home;
use super::finding::{Kind, Result, Stop};
use super::stage::Stage;
use super::world::WORKSTATION;

const A_WHILE: Duration = Duration::from_secs(30);

/// Everything at the end that is not as the target has it.
fn differences(stage: &Stage<'_>, row: &FrameDocument, known: &[String]) -> Result<Vec<String>> {
    let mut found = nodes(stage)?;
    found.extend(voters(stage, row));
    found.extend(compare::named(stage)?);
    for machine in stage.world.machines().filter(|machine| !stage.has_failed(machine)) {
        found.extend(remains(stage, machine)?);
    }
    if found.is_empty() {
        found.extend(equal_data(stage)?);
        found.extend(restarts(stage, row, known)?);
    }
    Ok(found)
}

fn voters(stage: &Stage<'_>, row: &FrameDocument) -> Option<String> {
    let target = &stage.plan.topology.target.etcd;
    let equal = target.len() == row.etcd.voters.len() && target.iter().all(|machine| row.etcd.voters.contains(machine));
    (!equal).then(|| format!("etcd: the target has {}; the last row has {}", target.join(" "), row.etcd.voters.join(" ")))
}

fn nodes(stage: &Stage<'_>) -> Result<Vec<String>> {
    let target = &stage.plan.topology.target;
    let mut expected: Vec<_> = stage.nodes(target).map(|name| format!("{name} Ready")).collect();
    expected.sort();
    let seen = stage.world.run(WORKSTATION, "kubectl get nodes --no-headers | awk '{ print $1, $2 }' | LC_ALL=C sort", A_WHILE)?;
    let seen: Vec<_> = seen.stdout.lines().map(str::to_owned).collect();
    let text = || format!("nodes: the target has {}; the cluster has {}", expected.join(", "), seen.join(", "));
    Ok(if seen == expected { Vec::new() } else { vec![text()] })
}

/// What is left of the cluster on a machine that has left.
const GONE: &str = r#"
for program in etcd keepalived k3s kube-apiserver; do if pgrep -x "$program" >/dev/null; then echo "$program runs"; fi; done
for path in /usr/local/bin/k3s /var/lib/rancher/k3s /etc/rancher/k3s /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /etc/systemd/system/etcd.service /etc/kubernetes /var/lib/kubelet /etc/systemd/system/kubelet.service /etc/systemd/system/*-by-replank /usr/lib/systemd/system/*-by-replank; do
    if [ -e "$path" ]; then echo "$path is left"; fi
done
if grep -q replank /etc/hosts; then echo 'a block in /etc/hosts is left'; fi
"#;

/// What is left of a control plane on a machine that is a mere node now.
const DEMOTED: &str = r#"
for program in kube-apiserver kube-controller kube-scheduler; do if pgrep -x "$program" >/dev/null; then echo "$program runs"; fi; done
for path in /etc/kubernetes/manifests/kube-*.yaml /etc/kubernetes/admin.conf /etc/kubernetes/controller-manager.conf /etc/kubernetes/scheduler.conf /etc/kubernetes/pki/*.key; do
    if [ -e "$path" ]; then echo "$path is left"; fi
done
"#;

/// What is left of an older installation on a machine that was to be freed of it, and what was taken that belonged to others.
const FREED: &str = r#"
containers=$(cat /var/lib/docker-of-the-rehearsal.json)
case $containers in *k8s_*) echo "containers of the older cluster are left" ;; esac
case $containers in *somebodys_database*) ;; *) echo "a container of somebody else is gone" ;; esac
"#;

fn remains(stage: &Stage<'_>, machine: &str) -> Result<Vec<String>> {
    let target = &stage.plan.topology.target;
    let mut roles = target.control_plane.iter().chain(&target.workers).chain(&target.etcd).chain(&target.virtual_ip);
    let freed = stage.plan.machines.get(machine).is_some_and(|machine| matches!(machine.leftovers, LeftoversDocument::Remove));
    let has_left = !roles.any(|name| name == machine);
    let serves = |topology: &TopologyDocument| topology.control_plane.iter().any(|name| name == machine);
    let is_kubeadm = matches!(stage.cluster().distribution, DistributionDocument::Kubeadm(_));
    let is_demoted = is_kubeadm && !has_left && serves(&stage.plan.topology.source) && !serves(target);
    let mut found = Vec::new();
    for (asked, script) in [(has_left, GONE), (is_demoted, DEMOTED), (freed, FREED)] {
        if asked {
            found.extend(stage.shell(machine, script)?.lines().map(|line| format!("{machine}: {line}")));
        }
    }
    let data = format!("{}/member", stage.cluster().etcd.data_dir);
    let keeps_data = is_kubeadm && target.etcd.iter().any(|name| name == machine);
    if (has_left || is_demoted && !keeps_data) && stage.world.run(machine, &format!("test -e {data}"), A_WHILE)?.succeeded() {
        found.push(format!("{machine}: {data} is left"));
    }
    Ok(found)
}

/// Every member holds the same data at the same revision, within a while.
fn equal_data(stage: &Stage<'_>) -> Result<Option<String>> {
    let endpoints = stage.client_urls(&stage.plan.topology.target.etcd)?;
    for _ in 0..40 {
        let outcome = stage.etcdctl(&endpoints, &["endpoint", "hashkv"])?;
        let hashes: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split(", ").nth(1)).collect();
        if hashes.len() == endpoints.len() && hashes.windows(2).all(|pair| pair.first() == pair.last()) {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    Ok(Some("etcd: the members do not hold the same data".to_owned()))
}

/// Every member comes back from its unit, one after the other.
fn restarts(stage: &Stage<'_>, row: &FrameDocument, known: &[String]) -> Result<Vec<String>> {
    for machine in &stage.plan.topology.target.etcd {
        if !stage.world.run(machine, restart(stage), A_WHILE)?.succeeded() {
            return Ok(vec![format!("etcd: {machine} does not come back by itself\n{}", stage.logs())]);
        }
        // A server that restarts lets go of the address, and nobody gives it back by himself.
        bring_the_address_home(stage, row)?;
        let mut different = compare::differences(stage, row, known)?;
        different.retain(|each| !known.contains(each));
        if !different.is_empty() {
            return Ok(different.into_iter().map(|text| format!("after etcd on {machine} was restarted: {text}")).collect());
        }
    }
    Ok(Vec::new())
}

/// From its unit, or with the server that it is a part of; a static pod ends, and its kubelet, which is enabled, starts it again.
fn restart(stage: &Stage<'_>) -> &'static str {
    let unit = "systemctl daemon-reload && systemctl is-enabled etcd && systemctl restart etcd";
    match &stage.cluster().distribution {
        DistributionDocument::K3s(k3s) => match k3s.datastore {
            DatastoreDocument::External => unit,
            DatastoreDocument::Embedded => "systemctl daemon-reload && systemctl is-enabled k3s && systemctl restart k3s",
        },
        DistributionDocument::Kubeadm(_) | DistributionDocument::Systemd(_) => unit,
        DistributionDocument::Kubean(kubean) => match kubean.etcd_deployment {
            EtcdDeploymentDocument::Host => unit,
            EtcdDeploymentDocument::Kubeadm => "systemctl daemon-reload && systemctl is-enabled kubelet && pkill -x etcd && sleep 1",
        },
    }
}

/// The end as a finding, when it is not the target. What is `known` to differ stands at its step already.
pub fn prove(stage: &Stage<'_>, row: &FrameDocument, known: &[String]) -> Result<()> {
    let found = differences(stage, row, known)?;
    match found.first() {
        None => Ok(()),
        Some(first) => Err(Stop::plan("(end)", Kind::End, first.lines().next().unwrap_or_default(), found.join("\n"))),
    }
}
