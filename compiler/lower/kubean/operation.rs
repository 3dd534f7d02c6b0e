//! One operation, whole: the calls in the order in which the operator runs them, the playbooks that it brings, the list that it works on.
//!
//! Responsible for: turning it into objects, and into the lines that the operator's shell will run (kubean, `pkg/util/entrypoint`).
//! Does not know why a call is there.

use serde_json::{Value, json};

use super::api::{Call, ClusterOperation, OperationSpec};
use super::arguments::{Arguments, limited, matching};
use super::inventory::config_map;
use super::playbook::{self, Effect, Hosts, REMOVE_NODE};
use crate::ir::Inventory;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::sheet;
use crate::lower::sheet::{LineMoment, OperationLine};
use crate::model::{HookScope, Kubean, MachineName};
use crate::source::Place;

pub const OPERATION_FILE: &str = "operation.yaml";

#[derive(Debug, Clone)]
pub struct Operation {
    pub name: String,
    /// In the order in which they run.
    pub parts: Vec<Part>,
    pub own: Vec<OwnPlaybook>,
    /// The list that it works on.
    pub inventory: Inventory,
}

#[derive(Debug, Clone)]
pub struct Part {
    pub moment: LineMoment,
    pub call: Call,
    pub origin: Origin,
}

/// Who wants a call.
#[derive(Debug, Clone)]
pub enum Origin {
    Plan,
    Team { place: Place, scope: Option<HookScope> },
}

/// A playbook in a ConfigMap for this operation alone: the operator gives the ConfigMap to the first operation that uses it, and deletes
/// both together.
#[derive(Debug, Clone)]
pub struct OwnPlaybook {
    /// The file in the step's folder.
    pub file: &'static str,
    pub config_map: String,
    /// The playbook's name, which is the entry's key.
    pub playbook: &'static str,
    pub content: Value,
}

impl Operation {
    pub fn object(&self, kubean: &Kubean) -> ClusterOperation {
        let calls = |moment| self.parts.iter().filter(move |part| part.moment == moment).map(|part| part.call.clone());
        let spec = OperationSpec {
            cluster: kubean.resource.to_string(),
            image: kubean.image.as_str().to_owned(),
            main: calls(LineMoment::Main).next().unwrap_or_else(|| Call::builtin("", "")),
            pre_hook: calls(LineMoment::Before).collect(),
            post_hook: calls(LineMoment::After).collect(),
        };
        ClusterOperation::new(&self.name, spec)
    }

    /// The operation's files: its playbooks first, which must be there when it starts.
    pub fn artifacts(&self, kubean: &Kubean) -> Vec<Artifact> {
        let own = self.own.iter().map(|own| {
            let entries = vec![(own.playbook, own.content.clone())];
            config_map(own.file, &own.config_map, kubean, entries)
        });
        let operation = Artifact {
            name: OPERATION_FILE,
            kind: ArtifactKind::ClusterOperation,
            destination: Destination::InCluster { object: format!("clusteroperations.kubean.io/{}", self.name) },
            body: Body::Yaml(json!(self.object(kubean))),
        };
        own.chain([operation]).collect()
    }

    /// What the operator's shell runs, and whom it touches.
    pub fn lines(&self, kubean: &Kubean) -> sheet::Operation {
        let lines = self.parts.iter().map(|part| {
            let (changes, asks) = self.reach(kubean, &part.call);
            let owned = |names: Vec<&MachineName>| names.into_iter().cloned().collect();
            OperationLine { moment: part.moment, command: command(kubean, &part.call), changes: owned(changes), asks: owned(asks) }
        });
        sheet::Operation { name: self.name.clone(), lines: lines.collect() }
    }

    /// The machines that a call changes, and those that it only asks.
    fn reach(&self, kubean: &Kubean, call: &Call) -> (Vec<&MachineName>, Vec<&MachineName>) {
        let arguments = Arguments::read(call.arguments());
        let known = playbook::known(&call.action, kubean.operator.value).or_else(|| playbook::own(&call.action));
        let (hosts, effect) = known.map_or((Hosts::All, Effect::Changes), |known| (known.hosts, known.effect));
        let within = limited(arguments.limit.as_deref(), kubean, &self.inventory);
        let meant: Vec<&MachineName> = match hosts {
            Hosts::All => within,
            Hosts::FirstControlPlane => self.inventory.control_plane.first().into_iter().filter(|first| within.contains(first)).collect(),
            Hosts::Named => {
                let named = arguments.node().unwrap_or_default();
                named.iter().filter_map(|name| matching(name, kubean, &self.inventory)).flatten().collect()
            }
        };
        // It gathers the facts of every machine on its list, unless there is nothing to reset.
        let gathers = call.action == REMOVE_NODE && arguments.variable("reset_nodes") != Some("false");
        let others = self.inventory.machines().filter(|name| gathers && !meant.contains(name)).collect();
        match effect {
            Effect::Asks => (Vec::new(), meant),
            Effect::Changes => (meant, others),
        }
    }
}

fn command(kubean: &Kubean, call: &Call) -> String {
    let confirmed = if call.action == REMOVE_NODE { " -e \"skip_confirmation=true\"" } else { "" };
    let run = format!(
        "ansible-playbook -i {} -b --become-user root -e \"@/conf/group_vars.yml\" --private-key /auth/ssh-privatekey{confirmed} /kubespray/{} {}",
        kubean.inventory_argument(),
        call.action,
        call.arguments(),
    );
    run.trim_end().to_owned()
}
