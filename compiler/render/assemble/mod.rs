//! From the plan, the ledger and the sheets to the document: names, places and rows as plain data.
//!
//! The only part of this room that looks at the model.

mod cluster;
mod ocboot;
mod storage;
mod systemd;

use indexmap::IndexMap;

use super::document::{
    AcceptedRiskDocument, ArtifactDocument, Because, CandidateDocument, EtcdFrame, ExposureDocument, FORMAT_VERSION, FrameDocument,
    Generator, LeftoversDocument, MachineDocument, OperationDocument, OperationLine, PlanDocument, PolicyDocument, SshDocument,
    StateDocument, StepDocument, TemporaryDocument, Text, TopologyDocument, TopologyPair, VerdictDocument, VirtualIpFrameDocument, Words,
};
use super::example::Own;
use super::{Language, digest};
use crate::ir::{Exposure, Frame, Ledger, Plan, VirtualIpFrame};
use crate::lower::Lowered;
use crate::lower::artifact::{Artifact, Destination};
use crate::lower::sheet::{LineMoment, Operation, Sheet};
use crate::model::{EtcdJoin, JoinAddress, Leftovers, Machine, MachineName, MachineState, Migration, Order, Policy, Temporary, Topology};
use crate::source::{Located, SourceFile};

/// Everything that the files of a plan are made from.
pub struct Input<'a> {
    pub source: &'a SourceFile,
    pub migration: &'a Migration,
    pub plan: &'a Plan,
    pub ledger: &'a Ledger,
    pub lowered: &'a Lowered<'a>,
    pub languages: &'a [Language],
}

/// The step at `index`, without its words.
pub fn step(input: &Input<'_>, index: usize, sheet: &Sheet) -> Option<StepDocument> {
    let (step, row) = (input.plan.steps.get(index)?, input.ledger.rows.get(index + 1)?);
    let position = input.source.position(step.because.span);
    Some(StepDocument {
        id: step.id.to_string(),
        phase: step.phase.folder().into(),
        action: step.action.to_string(),
        destructive: step.action.is_destructive() || sheet.removes_leftovers(),
        title: Text::default(),
        because: Because { pointer: step.because.pointer.to_string(), line: position.line, column: position.column },
        needs: step.needs.iter().map(ToString::to_string).collect(),
        artifacts: sheet.artifacts.iter().map(|artifact| artifact_document(artifact, step.id.as_str())).collect(),
        operation: sheet.operation.as_ref().map(operation),
        preconditions: Vec::new(),
        run: Vec::new(),
        verify: Vec::new(),
        rollback: Vec::new(),
        rollback_leaves: Vec::new(),
        no_way_back: None,
        after: frame(&row.after),
        during: row.during.as_ref().map(exposure),
        words: Words::default(),
    })
}

/// The words of a step that are its own: those of the machine that it acts upon. None where it acts upon none.
pub fn own(input: &Input<'_>, index: usize) -> Option<Own> {
    let steps = &input.plan.steps;
    let machine = input.migration.machines.get(steps.get(index)?.action.machine()?)?;
    let previous = index.checked_sub(1).and_then(|before| steps.get(before)).map(|step| step.id.to_string()).unwrap_or_default();
    Some(Own { machine: [machine.name.to_string(), machine.address.to_string()], previous })
}

/// The document without its steps.
pub fn document(input: &Input<'_>) -> PlanDocument {
    let migration = input.migration;
    let machines = migration.machines.values().map(|each| (each.name.to_string(), machine(each)));
    PlanDocument {
        format_version: FORMAT_VERSION.into(),
        generator: Generator { name: "replank".into(), version: env!("CARGO_PKG_VERSION").into() },
        migration: migration.name.to_string(),
        title: migration.title.clone(),
        spec_digest: format!("sha256:{}", digest::sha256(input.source.text().as_bytes())),
        verdict: verdict(input.ledger),
        topology: TopologyPair {
            source: topology(&migration.source),
            target: topology(&migration.target),
            temporary: temporary(&migration.temporary),
        },
        cluster: cluster::cluster(migration),
        machines: machines.collect::<IndexMap<_, _>>(),
        storage: migration.storage.iter().map(storage::application).collect(),
        policy: Some(policy(&migration.policy)),
        before: input.ledger.rows.first().map(|row| frame(&row.after)).unwrap_or_default(),
        steps: Vec::new(),
    }
}

fn verdict(ledger: &Ledger) -> VerdictDocument {
    let accepted = ledger.accepted.iter();
    VerdictDocument {
        survives_any_one_host: ledger.survives_any_one_host,
        lowest_etcd_tolerance: ledger.lowest_etcd_tolerance,
        lowest_at: ledger.lowest_at.iter().map(ToString::to_string).collect(),
        accepted: accepted.clone().map(|risk| format!("{} at {}", risk.risk, risk.step)).collect(),
        accepted_risks: accepted
            .map(|risk| AcceptedRiskDocument {
                risk: risk.risk.clone(),
                step: risk.step.to_string(),
                finding: risk.finding.clone(),
                reason: risk.reason.clone(),
            })
            .collect(),
    }
}

fn topology(topology: &Topology) -> TopologyDocument {
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.to_string()).collect();
    TopologyDocument {
        control_plane: names(&topology.control_plane),
        workers: names(&topology.workers),
        etcd: names(&topology.etcd),
        virtual_ip: names(&topology.virtual_ip),
        api: match &topology.join_address.value {
            JoinAddress::VirtualIp => "virtualIp".into(),
            JoinAddress::Machine(name) => name.to_string(),
            JoinAddress::OwnProxy => "ownProxy".into(),
            JoinAddress::LoadBalancer => "loadBalancer".into(),
        },
    }
}

fn machine(machine: &Machine) -> MachineDocument {
    MachineDocument {
        address: machine.address.to_string(),
        ssh: SshDocument { user: machine.ssh.user.to_string(), port: machine.ssh.port.get() },
        leftovers: match machine.leftovers {
            Leftovers::Refuse => LeftoversDocument::Refuse,
            Leftovers::Remove => LeftoversDocument::Remove,
        },
        state: match machine.state {
            MachineState::Running => StateDocument::Running,
            MachineState::Failed => StateDocument::Failed,
        },
        source_os: machine.os.source.as_ref().map(ToString::to_string),
        target_os: machine.os.target.as_ref().map(ToString::to_string),
    }
}

fn temporary(temporary: &Temporary) -> Option<TemporaryDocument> {
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.to_string()).collect();
    temporary.roles().next()?;
    Some(TemporaryDocument {
        control_plane: names(&temporary.control_plane),
        workers: names(&temporary.workers),
        etcd: names(&temporary.etcd),
    })
}

fn artifact_document(artifact: &Artifact, step: &str) -> ArtifactDocument {
    let (path, kind) = (format!("steps/{step}/{}", artifact.name), artifact.kind.name().into());
    match &artifact.destination {
        Destination::OnMachine { host, path: destination, owner, mode } => ArtifactDocument {
            path,
            kind,
            host: host.to_string(),
            destination: destination.clone(),
            owner: Some((*owner).into()),
            mode: Some((*mode).into()),
        },
        Destination::InCluster { object } | Destination::Piped { into: object } => {
            ArtifactDocument { path, kind, host: "workstation".into(), destination: object.clone(), owner: None, mode: None }
        }
    }
}

fn operation(operation: &Operation) -> OperationDocument {
    let lines = operation.lines.iter().map(|line| OperationLine {
        moment: match line.moment {
            LineMoment::Before => "before",
            LineMoment::Main => "main",
            LineMoment::After => "after",
        }
        .into(),
        command: line.command.clone(),
        changes: names(&line.changes),
        asks: names(&line.asks),
    });
    OperationDocument { name: operation.name.clone(), lines: lines.collect() }
}

fn names(machines: &[MachineName]) -> Vec<String> {
    machines.iter().map(ToString::to_string).collect()
}

fn frame(frame: &Frame) -> FrameDocument {
    FrameDocument {
        etcd: EtcdFrame {
            voters: names(&frame.etcd_voters),
            learners: names(&frame.etcd_learners),
            started: frame.etcd_started,
            quorum: frame.etcd_quorum,
            tolerance: frame.etcd_tolerance,
        },
        api_servers: names(&frame.api_servers),
        virtual_ip: frame.virtual_ip.as_ref().map(virtual_ip),
        load_balancer_upstreams: names(&frame.upstreams),
        schedulable_nodes: frame.schedulable_nodes,
        survives_any_one_host: frame.survives_any_one_host,
        fatal_hosts: names(&frame.fatal_hosts),
        storage: frame.storage.iter().map(storage::frame).collect(),
    }
}

fn virtual_ip(frame: &VirtualIpFrame) -> VirtualIpFrameDocument {
    VirtualIpFrameDocument {
        possible_holders: names(&frame.possible_holders),
        candidates: frame
            .candidates
            .iter()
            .map(|(machine, priority)| CandidateDocument { machine: machine.to_string(), priority: *priority })
            .collect(),
        predicted_gap_milliseconds: frame.predicted_gap_milliseconds,
    }
}

fn exposure(exposure: &Exposure) -> ExposureDocument {
    ExposureDocument {
        etcd_tolerance: exposure.etcd_tolerance,
        api_servers: exposure.api_servers,
        fatal_hosts: names(&exposure.fatal_hosts),
        storage: exposure.storage.iter().map(|(name, there)| (name.to_string(), *there)).collect(),
    }
}

fn policy(policy: &Policy) -> PolicyDocument {
    let order = match policy.order.value {
        Order::AddThenRemove => "addThenRemove",
        Order::RemoveThenAdd => "removeThenAdd",
    };
    let etcd_join = match policy.etcd_join.value {
        EtcdJoin::Learner => "learner",
        EtcdJoin::Voter => "voter",
    };
    PolicyDocument { order: order.into(), etcd_join: etcd_join.into(), minimum_etcd_tolerance: policy.minimum_etcd_tolerance.value }
}
