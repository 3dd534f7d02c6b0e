//! Moments: what each would bear, and the ledger that is written of them.

mod exposed;
mod ledger;
mod text;

pub use exposed::{Exposed, Worst};
pub use ledger::LedgerWriter;
pub use text::ledger_text;
