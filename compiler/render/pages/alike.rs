//! Which steps say the same, word for word, but for the machine that they are about.
//!
//! Compares what is written in plan.json and trusts nothing else: a step is like another when the other's text, with its own machine put
//! in the place of the other's, is its text. Does not know what any step does.

use std::collections::BTreeSet;

use crate::render::document::{MachineDocument, PlanDocument, StepDocument};
use crate::render::json;
use crate::render::pattern::Pattern;

/// The words that stand for a machine's own.
pub const NAME: &str = "«name»";
pub const ADDRESS: &str = "«address»";

/// A step as it is compared: its part of plan.json, and the machine whose words are its own.
pub struct Said<'a> {
    /// Without its words, which stand in its part alone.
    pub outline: &'a StepDocument,
    text: &'a str,
    /// The id of the step right before; empty for the first.
    previous: &'a str,
    machine: Option<(&'a str, &'a MachineDocument)>,
}

/// What many steps say.
pub struct Alike<'a> {
    pattern: Pattern,
    first: &'a Said<'a>,
    machine: &'a MachineDocument,
}

impl<'a> Said<'a> {
    /// The steps of a plan. `texts` are their parts of plan.json. A step at which a risk was accepted is like no other.
    pub fn all(plan: &'a PlanDocument, outlines: &'a [StepDocument], texts: &[&'a str]) -> Vec<Self> {
        let risky: BTreeSet<&str> = plan.verdict.accepted_risks.iter().map(|risk| risk.step.as_str()).collect();
        let previous = std::iter::once("").chain(outlines.iter().map(|step| step.id.as_str()));
        let said = outlines.iter().zip(texts).zip(previous).map(|((outline, text), previous)| {
            let name = outline.id.rsplit('/').next().unwrap_or_default();
            let machine = plan.machines.get_key_value(name).map(|(name, machine)| (name.as_str(), machine));
            Self { outline, text, previous, machine: machine.filter(|_| !risky.contains(outline.id.as_str())) }
        });
        said.collect()
    }

    /// The machine that the step is about.
    pub fn machine(&self) -> Option<(&'a str, &'a MachineDocument)> {
        self.machine
    }

    /// The whole step.
    pub fn whole(&self) -> Option<StepDocument> {
        serde_json::from_str(self.text).ok()
    }

    fn own(&self) -> [String; 7] {
        let machine = self.machine.map(|(name, machine)| [name.to_owned(), machine.address.clone()]);
        json::own(self.outline, &machine.unwrap_or_default(), self.previous)
    }

    /// None for a step that is not about one machine.
    pub fn alike(&'a self) -> Option<Alike<'a>> {
        let (_, machine) = self.machine?;
        Some(Alike { pattern: Pattern::of(self.text, &self.own()), first: self, machine })
    }
}

impl Alike<'_> {
    pub fn is_said_by(&self, other: &Said<'_>) -> bool {
        // The pages say how a machine is reached, whether a command does or not.
        other.machine.is_some_and(|(_, machine)| machine.ssh == self.machine.ssh) && self.pattern.is_said_by(other.text, &other.own())
    }

    /// The first step with the words that stand for a machine's own.
    pub fn example(&self) -> Option<StepDocument> {
        let mut words = self.first.own();
        let [name, address, ..] = &mut words;
        (*name, *address) = (NAME.to_owned(), ADDRESS.to_owned());
        serde_json::from_str(&self.pattern.fill(&words)).ok()
    }
}
