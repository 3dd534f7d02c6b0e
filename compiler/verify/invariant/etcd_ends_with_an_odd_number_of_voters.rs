//! etcd ends with an odd number of voters.
//!
//! An even number tolerates no more failures than one less, and has one more machine that can fail.

use crate::diag::{Code, Diagnostic};
use crate::verify::scene::{Report, Whole};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let etcd = &whole.migration.target.etcd;
    let (Some(last), number) = (etcd.last(), etcd.len()) else { return };
    if number % 2 == 1 {
        return;
    }
    let tolerated = (number - 1) / 2;
    let text = format!("{number} members tolerate {tolerated} failed; {} would tolerate {tolerated} as well", number - 1);
    let finding = Diagnostic::new(Code::V205, last.place.span, text)
        .why("Quorum is more than half of all members, so the last of an even number adds nothing but one more machine that can fail.")
        .help("Let the target have one etcd member less, or one more.");
    report.whole("even", finding);
}
