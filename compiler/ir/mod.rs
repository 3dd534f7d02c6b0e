//! The plan as inert data: steps, actions, reasons, and the ledger that a judge writes about them.
//!
//! No decisions live here, and no tool is known here. Data does not talk: nothing in this room makes a diagnostic.

mod action;
mod inventory;
mod ledger;
mod phase;
mod plan;
mod standing;
mod step;

pub use action::{Action, MachineRole};
pub use inventory::Inventory;
pub use ledger::{AcceptedRisk, Exposure, Frame, Ledger, Row, StorageFrame, VirtualIpFrame};
pub use phase::Phase;
pub use plan::Plan;
pub use standing::Standing;
pub use step::{Step, StepId};
