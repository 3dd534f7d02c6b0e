//! What a person does by hand in the middle of a plan, while a command waits for it: another operating system on a machine.
//!
//! Does not know why the plan asks for it, nor how long a person takes: here it is seconds.

use std::time::Duration;

use crate::render::document::StepDocument;

use super::finding::Result;
use super::stage::Stage;
use super::world::Link;

/// Until the person has read what to do, and how long the machine is away.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A machine that is to run another system.
#[derive(Debug)]
pub struct Chore {
    machine: String,
    system: String,
}

impl Chore {
    /// What a step leaves to a person, if anything.
    pub fn of(stage: &Stage<'_>, step: &StepDocument) -> Option<Self> {
        let machine = step.action.strip_prefix("machine.reinstall(")?.strip_suffix(')')?;
        let system = stage.plan.machines.get(machine)?.target_os.clone()?;
        Some(Self { machine: machine.to_owned(), system })
    }

    /// Its disk is wiped and its processes end; its name and address stay.
    pub fn done(&self, stage: &Stage<'_>) -> Result<()> {
        std::thread::sleep(A_MOMENT);
        stage.world.set_link(&self.machine, Link::Down)?;
        stage.world.reinstall(&self.machine, &self.system)?;
        std::thread::sleep(A_MOMENT);
        stage.world.set_link(&self.machine, Link::Up)
    }
}
