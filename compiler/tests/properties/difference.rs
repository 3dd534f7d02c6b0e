//! Two random plans of machines that share names and addresses in any way: every step that was written otherwise is shown, and no other one; what
//! a reviewer must not miss fits into the smallest comment.

use proptest::prelude::*;
use replank::diff::show::markdown;

use super::cases;
use super::generate::spec;
use super::refusals::useful;
use crate::diff::oracle::faults;
use crate::diff::{budget, compare, quietly};

proptest! {
    #![proptest_config(cases(25))]

    #[test]
    fn what_was_written_otherwise_is_shown_and_nothing_else(before in spec(), after in spec()) {
        let (old, new) = (useful(before).text(), useful(after).text());
        let (Some(before), Some(after)) = (quietly(&old), quietly(&new)) else { return Ok(()) };
        let found = replank::diff::compare(&before, &after, &|_| None);
        prop_assert_eq!(faults(&before, &after, &found), Vec::<String>::new(), "{}\n{}", old, new);
        for budget in [8_000, markdown::BUDGET] {
            let comment = markdown::comment(&found, budget, "replank diff a b");
            prop_assert!(comment.len() <= budget && budget::is_balanced(&comment), "{} bytes of {budget}\n{old}\n{new}", comment.len());
        }
        prop_assert!(compare(&after, &after).is_nothing());
    }
}
