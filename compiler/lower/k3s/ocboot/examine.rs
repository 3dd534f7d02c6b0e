//! A second look at every configuration of ocboot before it is printed: it is read as ocboot reads it, and held against the spec and
//! against the judge's row of the moment before. What the planner thought of that moment is not asked.
//!
//! What ocboot does with a wrong one ends without an error of its own. Does not know how the configuration came to be.

use serde_json::Value;

use super::configuration::{Configuration, PASSWORD_MARKER};
use crate::diag::{Code, Diagnostic, Findings};
use crate::ir::{Action, Ledger, MachineRole, Plan, Step};
use crate::model::{MachineName, Migration, Ocboot};

/// What is true when ocboot runs.
struct Truth<'t> {
    migration: &'t Migration,
    ocboot: &'t Ocboot,
    /// As the judge sees it before the step.
    serving: &'t [MachineName],
    newcomer: &'t MachineName,
}

/// Everything that is wrong with what ocboot would be told. The ledger's first row is the source.
pub fn examine(migration: &Migration, ocboot: &Ocboot, plan: &Plan, ledger: &Ledger) -> Findings {
    let mut findings = Findings::default();
    for (step, before) in plan.steps.iter().zip(&ledger.rows) {
        let Action::JoinCluster { machine, roles, .. } = &step.action else { continue };
        let Some(told) = told(migration, ocboot, step, machine).filter(|_| roles.contains(&MachineRole::ControlPlane)) else { continue };
        let truth = Truth { migration, ocboot, serving: &before.after.api_servers, newcomer: machine };
        for label in truth.breaches(&told) {
            let diagnostic = Diagnostic::at(Code::L111, &step.because, label)
                .at_step(step.id.as_str())
                .why("ocboot counts the servers that it is told of, and waits for exactly those; of what it leaves out it says nothing.");
            findings.push(diagnostic.help("let more servers stay, or let them join before others leave: `order: addThenRemove`"));
        }
    }
    findings
}

/// What stands in the file.
fn told(migration: &Migration, ocboot: &Ocboot, step: &Step, machine: &MachineName) -> Option<Value> {
    serde_json::to_value(Configuration::of(migration, step, ocboot, machine)?).ok()
}

fn text<'v>(told: &'v Value, pointer: &str) -> &'v str {
    told.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl Truth<'_> {
    fn breaches(&self, told: &Value) -> Vec<String> {
        let hosts = told.pointer("/master_nodes/hosts").and_then(Value::as_array);
        let hosts: Vec<&Value> = hosts.into_iter().flatten().collect();
        let listed: Vec<&str> = hosts.iter().map(|host| text(host, "/hostname")).collect();
        let primary = told.pointer("/primary_master_node").into_iter();
        let unreached = primary.chain(hosts).filter(|host| text(host, "/node_ip") != text(host, "/hostname"));
        let mut found = self.hosts(text(told, "/primary_master_node/hostname"), &listed);
        found.extend(unreached.map(|host| {
            format!("expected `node_ip` {} when {} joins, found {}", text(host, "/hostname"), self.newcomer, text(host, "/node_ip"))
        }));
        found.extend(self.settings(told));
        found
    }

    fn address(&self, name: &MachineName) -> String {
        self.migration.machines.get(name).map(|machine| machine.address.to_string()).unwrap_or_default()
    }

    /// Who is listed, against who serves.
    fn hosts(&self, primary: &str, hosts: &[&str]) -> Vec<String> {
        let serving: Vec<String> = self.serving.iter().map(|name| self.address(name)).collect();
        let (newcomer, new) = (self.newcomer, self.address(self.newcomer));
        let mut wrong = Vec::new();
        if hosts.len() < 2 {
            wrong.push(format!("expected two hosts or more in `master_nodes` when {newcomer} joins, found {}", hosts.len()));
        }
        if !serving.iter().any(|address| address == primary) {
            wrong.push(format!("expected a primary that serves when {newcomer} joins, found {primary}"));
        }
        let is_told_of = |address: &String| address == primary || hosts.contains(&address.as_str());
        if let Some(left_out) = serving.iter().chain([&new]).find(|address| !is_told_of(address)) {
            wrong.push(format!("expected every server to be listed when {newcomer} joins, found that {left_out} is not"));
        }
        if let Some(silent) = hosts.iter().find(|host| **host != new && !serving.iter().any(|address| address == *host)) {
            wrong.push(format!("expected only servers that serve when {newcomer} joins, found {silent}"));
        }
        wrong
    }

    /// What the OnecloudCluster and keepalived are made of, against the spec.
    fn settings(&self, told: &Value) -> Vec<String> {
        let (migration, ocboot) = (self.migration, self.ocboot);
        let virtual_ip = migration.cluster.virtual_ip.as_ref().map(|ip| ip.address.value.address.to_string()).unwrap_or_default();
        let expected: [(&str, Value); 15] = [
            ("/primary_master_node/controlplane_host", virtual_ip.as_str().into()),
            ("/master_nodes/controlplane_host", virtual_ip.as_str().into()),
            ("/primary_master_node/high_availability", true.into()),
            ("/master_nodes/high_availability", true.into()),
            ("/primary_master_node/onecloud_version", ocboot.onecloud_version.value.to_string().into()),
            ("/primary_master_node/product_version", ocboot.stack.product_version().into()),
            ("/primary_master_node/image_repository", ocboot.image_repository.as_str().into()),
            ("/primary_master_node/db_host", ocboot.database.host.value.as_str().into()),
            // As text: ocboot takes no number.
            ("/primary_master_node/db_port", ocboot.database.port.to_string().into()),
            ("/primary_master_node/db_user", ocboot.database.user.to_string().into()),
            ("/primary_master_node/db_password", PASSWORD_MARKER.into()),
            ("/primary_master_node/pod_network_cidr", ocboot.pods.value.to_string().into()),
            ("/primary_master_node/service_cidr", ocboot.services.value.to_string().into()),
            ("/primary_master_node/as_host", ocboot.as_host.into()),
            ("/master_nodes/as_host", ocboot.as_host.into()),
        ];
        let differs = expected.into_iter().filter(|(pointer, expected)| told.pointer(pointer) != Some(expected));
        differs.map(|(pointer, expected)| self.setting(pointer, &expected, told.pointer(pointer))).collect()
    }

    fn setting(&self, pointer: &str, expected: &Value, found: Option<&Value>) -> String {
        let name = pointer.trim_start_matches('/').replace('/', ".");
        // What stands where the marker is expected may be a password.
        let found = match found {
            None => "none".to_owned(),
            Some(_) if name.ends_with("password") => "another text".to_owned(),
            Some(found) => found.to_string(),
        };
        format!("expected `{name}` to be {expected} when {} joins, found {found}", self.newcomer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Distribution;
    use crate::source::SourceFile;

    const SEED: &str = include_str!("../../../../examples/k3s-replace-dead-server/migration.yaml");

    /// What is found in the configuration of the published case, as it is or with one thing changed; and of the same configuration at a
    /// moment of which the judge sees something else.
    fn found(change: impl Fn(&mut Value), serving: impl Fn(&mut Vec<MachineName>)) -> Vec<String> {
        let migration = crate::model::resolve(&crate::spec::read(&SourceFile::new("migration.yaml", SEED)).unwrap()).unwrap().0;
        let Distribution::K3s(k3s) = &migration.cluster.distribution else { panic!("of k3s") };
        let ocboot = k3s.ocboot.as_ref().unwrap();
        let plan = crate::plan::plan(&migration).unwrap();
        let mut ledger = crate::verify::judge(&migration, &plan).0;
        assert_eq!(examine(&migration, ocboot, &plan, &ledger).iter().count(), 0);
        let mut joins = plan.steps.iter().enumerate().filter(|(_, step)| matches!(step.action, Action::JoinCluster { .. }));
        let (index, step) = joins.next().unwrap();
        let Action::JoinCluster { machine, .. } = &step.action else { panic!("a server joins") };
        let mut told = told(&migration, ocboot, step, machine).unwrap();
        change(&mut told);
        let seen = &mut ledger.rows[index].after.api_servers;
        serving(seen);
        Truth { migration: &migration, ocboot, serving: seen, newcomer: machine }.breaches(&told)
    }

    #[test]
    fn each_setting_that_differs_from_the_spec_is_found() {
        assert_eq!(found(|_| {}, |_| {}), Vec::<String>::new());
        for (pointer, wrong) in [
            ("/primary_master_node/controlplane_host", "192.168.0.1"),
            ("/master_nodes/controlplane_host", "192.168.0.1"),
            ("/primary_master_node/high_availability", "no"),
            ("/primary_master_node/onecloud_version", "v0.0.1"),
            ("/primary_master_node/product_version", "CMP"),
            ("/primary_master_node/image_repository", "registry.example.org/a"),
            ("/primary_master_node/db_host", "127.0.0.1"),
            ("/primary_master_node/db_port", "1"),
            ("/primary_master_node/db_user", "nobody"),
            ("/primary_master_node/db_password", "a-secret"),
            ("/primary_master_node/pod_network_cidr", "10.0.0.0/8"),
            ("/primary_master_node/service_cidr", "10.0.0.0/8"),
            ("/primary_master_node/node_ip", "192.168.0.1"),
            ("/master_nodes/hosts/0/node_ip", "192.168.0.1"),
        ] {
            let findings = found(|told| *told.pointer_mut(pointer).unwrap() = wrong.into(), |_| {});
            assert_eq!(findings.len(), 1, "{pointer}: {findings:?}");
            assert!(!findings.concat().contains("a-secret"), "{findings:?}");
        }
    }

    /// The configuration is made of what the planner thinks; it is held against what the judge sees.
    #[test]
    fn a_list_that_is_not_what_the_judge_sees_is_found() {
        let stopped = found(|_| {}, |serving| drop(serving.pop()));
        assert!(stopped.concat().contains("expected only servers that serve"), "{stopped:?}");
        let another = found(|_| {}, |serving| serving.push(MachineName::parse("lzx-ha-env").unwrap()));
        assert!(another.concat().contains("expected every server to be listed"), "{another:?}");
        let nobody = found(|_| {}, Vec::clear);
        assert!(nobody.concat().contains("expected a primary that serves"), "{nobody:?}");
        let alone = found(|told| drop(told.pointer_mut("/master_nodes/hosts").unwrap().as_array_mut().unwrap().remove(0)), |_| {});
        assert!(alone.concat().contains("two hosts or more"), "{alone:?}");
    }
}
