//! Every step that a step needs comes before it.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::verify::scene::{Report, Whole};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let mut done = BTreeSet::new();
    for (index, step) in whole.plan.steps.iter().enumerate() {
        for need in step.needs.iter().filter(|need| !done.contains(need)) {
            let text = format!("expected {need} to come before {}; it does not", step.id);
            let finding = Diagnostic::new(Code::V502, step.because.span, text).at_step(step.id.as_str());
            report.at_index(index, format!("{} needs {need}", step.id), finding);
        }
        done.insert(&step.id);
    }
}
