//! The older plan read with the new names and addresses: its steps, its rows, its verdict.
//!
//! Typed, so that a machine may be called like anything that stands in a plan. What a team wrote stays as it is: its own commands mean what they
//! say. Does not know how a text is read.

use crate::render::document::{
    ArtifactDocument, CandidateDocument, Command, EtcdFrame, ExposureDocument, FrameDocument, OperationDocument, OperationLine,
    PlanDocument, StepDocument, StorageFrameDocument, Text, Trouble, VerdictDocument, VirtualIpFrameDocument, VolumeDocument, Words,
};

use super::rename::{Author, Renaming};

impl Renaming {
    pub(super) fn step(&self, step: &StepDocument) -> StepDocument {
        let commands = |commands: &[Command]| -> Vec<Command> { commands.iter().map(|command| self.command(command)).collect() };
        let artifacts = step.artifacts.iter().map(|artifact| ArtifactDocument {
            path: self.path(&artifact.path, step),
            host: self.name(&artifact.host),
            destination: self.apply(&artifact.destination),
            ..artifact.clone()
        });
        let mut read = self.row(step);
        read.artifacts = artifacts.collect();
        read.operation = step.operation.as_ref().map(|operation| self.operation(operation));
        let by_replank = Author::of(step) == Author::Replank;
        let own = |own: &[Command]| if by_replank { commands(own) } else { own.to_vec() };
        read.preconditions = own(&step.preconditions);
        read.run = own(&step.run);
        read.verify = own(&step.verify);
        read.rollback = own(&step.rollback);
        read.rollback_leaves = step.rollback_leaves.iter().map(|text| if by_replank { self.apply(text) } else { text.clone() }).collect();
        read.words = if by_replank { self.words(&step.words) } else { step.words.clone() };
        read
    }

    /// What a plan comes to: all that is weighed, and nothing of what its steps say and do.
    pub(super) fn outline(&self, plan: &PlanDocument) -> PlanDocument {
        PlanDocument {
            format_version: plan.format_version.clone(),
            generator: plan.generator.clone(),
            migration: plan.migration.clone(),
            title: plan.title.clone(),
            spec_digest: plan.spec_digest.clone(),
            verdict: self.verdict(&plan.verdict),
            topology: plan.topology.clone(),
            cluster: plan.cluster.clone(),
            machines: plan.machines.clone(),
            storage: plan.storage.clone(),
            policy: plan.policy.clone(),
            before: self.frame(&plan.before),
            steps: plan.steps.iter().map(|step| self.row(step)).collect(),
        }
    }

    /// A step without what it says and does.
    fn row(&self, step: &StepDocument) -> StepDocument {
        let by_replank = Author::of(step) == Author::Replank;
        let no_way_back = step.no_way_back.as_ref();
        StepDocument {
            id: self.identity(&step.id),
            phase: step.phase.clone(),
            action: if by_replank { self.action(&step.action) } else { step.action.clone() },
            destructive: step.destructive,
            title: if by_replank { self.text(&step.title) } else { step.title.clone() },
            because: step.because.clone(),
            needs: step.needs.iter().map(|id| self.identity(id)).collect(),
            artifacts: Vec::new(),
            operation: None,
            preconditions: Vec::new(),
            run: Vec::new(),
            verify: Vec::new(),
            rollback: Vec::new(),
            rollback_leaves: Vec::new(),
            no_way_back: no_way_back.map(|text| if by_replank { self.apply(text) } else { text.clone() }),
            after: self.frame(&step.after),
            during: step.during.as_ref().map(|during| self.exposure(during)),
            words: Words::default(),
        }
    }

    fn verdict(&self, verdict: &VerdictDocument) -> VerdictDocument {
        let mut read = verdict.clone();
        read.lowest_at.iter_mut().for_each(|id| *id = self.identity(id));
        for risk in &mut read.accepted_risks {
            risk.step = self.identity(&risk.step);
            risk.finding = self.apply(&risk.finding);
        }
        read
    }

    fn frame(&self, frame: &FrameDocument) -> FrameDocument {
        let FrameDocument { etcd, api_servers, virtual_ip, load_balancer_upstreams, fatal_hosts, storage, .. } = frame;
        FrameDocument {
            etcd: EtcdFrame { voters: self.names(&etcd.voters), learners: self.names(&etcd.learners), ..etcd.clone() },
            api_servers: self.names(api_servers),
            virtual_ip: virtual_ip.as_ref().map(|virtual_ip| self.virtual_ip(virtual_ip)),
            load_balancer_upstreams: self.names(load_balancer_upstreams),
            fatal_hosts: self.names(fatal_hosts),
            storage: storage.iter().map(|storage| self.storage(storage)).collect(),
            ..*frame
        }
    }

    fn virtual_ip(&self, virtual_ip: &VirtualIpFrameDocument) -> VirtualIpFrameDocument {
        let candidate = |one: &CandidateDocument| CandidateDocument { machine: self.name(&one.machine), priority: one.priority };
        VirtualIpFrameDocument {
            possible_holders: self.names(&virtual_ip.possible_holders),
            candidates: virtual_ip.candidates.iter().map(candidate).collect(),
            predicted_gap_milliseconds: virtual_ip.predicted_gap_milliseconds,
        }
    }

    fn storage(&self, storage: &StorageFrameDocument) -> StorageFrameDocument {
        let volume = |volume: &VolumeDocument| VolumeDocument { claim: volume.claim.clone(), on: self.name(&volume.on) };
        StorageFrameDocument {
            there: storage.there.iter().map(volume).collect(),
            fatal_hosts: self.names(&storage.fatal_hosts),
            ..storage.clone()
        }
    }

    fn exposure(&self, during: &ExposureDocument) -> ExposureDocument {
        ExposureDocument { fatal_hosts: self.names(&during.fatal_hosts), ..during.clone() }
    }

    fn operation(&self, operation: &OperationDocument) -> OperationDocument {
        let line = |line: &OperationLine| OperationLine {
            moment: line.moment.clone(),
            command: self.apply(&line.command),
            changes: self.names(&line.changes),
            asks: self.names(&line.asks),
        };
        OperationDocument { name: self.apply(&operation.name), lines: operation.lines.iter().map(line).collect() }
    }

    fn command(&self, command: &Command) -> Command {
        Command {
            on: self.name(&command.on),
            note: command.note.as_ref().map(|note| self.text(note)),
            shell: self.apply(&command.shell),
            expect: command.expect.as_ref().map(|expect| self.apply(expect)),
            timeout_seconds: command.timeout_seconds,
            retry_every_seconds: command.retry_every_seconds,
        }
    }

    fn words(&self, words: &Words) -> Words {
        let texts = |texts: &[Text]| -> Vec<Text> { texts.iter().map(|text| self.text(text)).collect() };
        let trouble = |trouble: &Trouble| Trouble { symptom: self.text(&trouble.symptom), action: self.text(&trouble.action) };
        let maybe = |text: &Option<Text>| text.as_ref().map(|text| self.text(text));
        Words {
            why: texts(&words.why),
            risk: maybe(&words.risk),
            no_way_back: maybe(&words.no_way_back),
            trouble: words.trouble.iter().map(trouble).collect(),
            pause: maybe(&words.pause),
            unlike: texts(&words.unlike),
        }
    }

    fn text(&self, text: &Text) -> Text {
        Text { en: self.apply(&text.en), zh: self.apply(&text.zh) }
    }

    fn names(&self, names: &[String]) -> Vec<String> {
        names.iter().map(|name| self.name(name)).collect()
    }
}
