//! What a person does by hand in the middle of a plan, while a command waits for it: another operating system on a machine, or a look
//! whether a dead machine is off.
//!
//! Does not know why the plan asks for it, nor how long a person takes: here it is seconds.

use std::time::Duration;

use crate::render::document::StepDocument;

use super::finding::Result;
use super::source;
use super::stage::Stage;
use super::world::{Link, WORKSTATION};

/// Until the person has read what to do, and how long the machine is away.
const A_MOMENT: Duration = Duration::from_secs(1);

/// What a step leaves to a person.
#[derive(Debug)]
pub enum Chore {
    /// The machine is to run another system.
    Reinstall { machine: String, system: String },
    /// Somebody has seen that the machine is off, and says so in a file of the workstation.
    Confirm { machine: String },
}

impl Chore {
    /// What a step leaves to a person, if anything.
    pub fn of(stage: &Stage<'_>, step: &StepDocument) -> Option<Self> {
        let machine_of = |action: &str| step.action.strip_prefix(action)?.strip_prefix('(')?.strip_suffix(')').map(str::to_owned);
        if let Some(machine) = machine_of("machine.fence") {
            return Some(Self::Confirm { machine });
        }
        let machine = machine_of("machine.reinstall")?;
        let system = stage.plan.machines.get(&machine)?.target_os.clone()?;
        Some(Self::Reinstall { machine, system })
    }

    pub fn done(&self, stage: &Stage<'_>) -> Result<()> {
        std::thread::sleep(A_MOMENT);
        match self {
            Self::Reinstall { machine, system } => reinstall(stage, machine, system),
            Self::Confirm { machine } => confirm(stage, machine),
        }
    }
}

/// Its disk is wiped and its processes end; its name and address stay. What the spec says that lies on machines is there again.
fn reinstall(stage: &Stage<'_>, machine: &str, system: &str) -> Result<()> {
    stage.world.set_link(machine, Link::Down)?;
    stage.world.reinstall(machine, system)?;
    source::supply(stage, machine)?;
    std::thread::sleep(A_MOMENT);
    stage.is_repaired(machine);
    stage.world.set_link(machine, Link::Up)
}

/// Only who is dead is said to be off: the plan waits for ever for a machine that runs.
fn confirm(stage: &Stage<'_>, machine: &str) -> Result<()> {
    if !stage.has_failed(machine) {
        return Ok(());
    }
    let directory = format!("\"$HOME\"/replank-backups/{}", stage.plan.migration);
    stage.shell(WORKSTATION, &format!("mkdir -p {directory}\necho {machine} >{directory}/{machine}.is-off")).map(|_| ())
}
