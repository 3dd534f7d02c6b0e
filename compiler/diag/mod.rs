//! What replank says to people about their spec, as inert data.
//!
//! Responsible for: the shape of a finding, the table of codes, and one voice a file (human, short, json, sarif, github).
//! Does not know: any phase of the compiler. Each phase words its own findings.

pub mod code;
mod diagnostic;
pub mod render;
pub mod suggest;

pub use code::{Code, Severity};
pub use diagnostic::{Diagnostic, Findings, Help, Label};
