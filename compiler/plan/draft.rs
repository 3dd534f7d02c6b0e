//! The plan while it is being written: steps so far, and how the cluster stands after them.
//!
//! Knows how a step gets its id, its moment and its needs. Does not know why a step is there: rules do.

use std::sync::Arc;

use crate::ir::{Action, Phase, Plan, Standing, Step, StepId};
use crate::model::{MachineName, Migration};
use crate::source::{Located, Place};

#[derive(Debug)]
pub struct Draft {
    steps: Vec<Step>,
    standing: Arc<Standing>,
    /// What the next step must wait for.
    frontier: Vec<StepId>,
}

impl Draft {
    /// The empty plan for a cluster as the source describes it.
    pub fn at_source(migration: &Migration) -> Self {
        let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect();
        let source = &migration.source;
        let standing = Standing { etcd: names(&source.etcd), api: names(&source.control_plane), virtual_ip: names(&source.virtual_ip) };
        Self { steps: Vec::new(), standing: Arc::new(standing), frontier: Vec::new() }
    }

    /// A step that waits for everything before it, and that everything after it waits for.
    pub fn then(&mut self, phase: Phase, name: &str, action: Action, because: &Place) {
        let needs = std::mem::take(&mut self.frontier);
        let id = self.add(phase, name, action, because, needs);
        self.frontier.push(id);
    }

    /// Steps that do not wait for each other. They are still done one by one, in this order.
    pub fn side_by_side(&mut self, phase: Phase, steps: impl IntoIterator<Item = (String, Action, Place)>) {
        let needs = self.frontier.clone();
        let added: Vec<StepId> =
            steps.into_iter().map(|(name, action, because)| self.add(phase, &name, action, &because, needs.clone())).collect();
        if !added.is_empty() {
            self.frontier = added;
        }
    }

    fn add(&mut self, phase: Phase, name: &str, action: Action, because: &Place, needs: Vec<StepId>) -> StepId {
        let id = StepId::new(phase, name);
        let standing = Arc::clone(&self.standing);
        self.advance(&action);
        self.steps.push(Step { id: id.clone(), phase, action, because: because.clone(), needs, standing });
        id
    }

    /// How the cluster stands after an action. Written here and not taken from the judge, who must be able to disagree.
    fn advance(&mut self, action: &Action) {
        match action {
            Action::AddEtcdMember { machine, .. } => self.change().etcd.push(machine.clone()),
            Action::RemoveEtcdMember { machine, .. } => self.change().etcd.retain(|name| name != machine),
            Action::AddControlPlane { machine, .. } => self.change().api.push(machine.clone()),
            Action::RemoveNode { machine, .. } if self.standing.api.contains(machine) => self.change().api.retain(|name| name != machine),
            Action::StartVirtualIp { machine, .. } => self.change().virtual_ip.push(machine.clone()),
            Action::HandOverVirtualIp { leaving } => self.change().virtual_ip.retain(|name| !leaving.contains(name)),
            Action::PrepareWorkstation
            | Action::PrepareMachine { .. }
            | Action::ProveVirtualIp { .. }
            | Action::BackUpEtcd { .. }
            | Action::BackUpControlPlane { .. }
            | Action::RewriteEtcdUnit { .. }
            | Action::RepointControlPlane { .. }
            | Action::ReconfigureVirtualIp { .. }
            | Action::AddWorker { .. }
            | Action::RepointWorker { .. }
            | Action::RepointWorkstation { .. }
            | Action::RemoveNode { .. }
            | Action::CleanUp { .. }
            | Action::ProveEtcd { .. }
            | Action::RunHook { .. } => {}
        }
    }

    /// The standing, for changing it: steps that stand already keep the one that they were made for.
    fn change(&mut self) -> &mut Standing {
        Arc::make_mut(&mut self.standing)
    }

    /// How the cluster stands after the steps so far.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The steps, and how the cluster stands after the last of them.
    pub fn finish(self) -> (Plan, Arc<Standing>) {
        (Plan { steps: self.steps }, self.standing)
    }
}
