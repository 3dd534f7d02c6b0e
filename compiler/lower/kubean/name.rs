//! Names of operations: which migration and which step, short enough for every object that the operator derives from them.
//!
//! Does not know what an operation does.

use crate::ir::Step;
use crate::model::Migration;

/// The operator's job is called `kubean-<name>-job`, and a label has at most 63 characters.
pub const LONGEST_OF_OPERATOR: usize = 52;

/// A second attempt is called `<name>-02`: a finished operation never runs again under its name.
pub const LONGEST: usize = 48;

/// `<migration>-<number of the phase>-<what the step acts on>`. Where that is too long, the migration's name is cut first, and a
/// digest of the whole keeps names apart; also where it would be the name of another operation's second attempt.
pub fn operation_name(migration: &Migration, step: &Step) -> String {
    let (folder, rest) = step.id.as_str().split_once('/').unwrap_or((step.id.as_str(), ""));
    let number = folder.split('-').next().unwrap_or_default();
    let tail = format!("-{number}-{}", rest.replace(['/', '.'], "-"));
    let whole = format!("{}{tail}", migration.name);
    let is_taken = attempted(rest).is_some_and(|other| migration.machines.keys().any(|name| name.as_str() == other));
    if whole.len() <= LONGEST && !is_taken {
        return whole;
    }
    let digest = format!("-{:08x}", digest(&whole));
    let room = LONGEST - digest.len();
    let head: String = migration.name.as_str().chars().take(room.saturating_sub(tail.len()).max(1)).collect();
    let cut: String = format!("{}{tail}", head.trim_end_matches('-')).chars().take(room).collect();
    format!("{}{digest}", cut.trim_end_matches('-'))
}

/// `worker` for `worker-02`: of which name this would be an attempt.
pub fn attempted(name: &str) -> Option<&str> {
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    name.rsplit_once('-').filter(|(_, number)| is_number(number)).map(|(name, _)| name)
}

/// FNV-1a: the same everywhere, for ever.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ir::{Action, Phase, Standing, StepId};
    use crate::lower::kubean::fixture;
    use crate::model::MigrationName;
    use crate::source::{Place, Span};

    fn name(migration: &str, step: &str) -> String {
        let step = Step {
            id: StepId::new(Phase::RebuildControlPlane, step),
            phase: Phase::RebuildControlPlane,
            action: Action::ApplyInventory,
            because: Place::new("", Span::default()),
            needs: Vec::new(),
            standing: Arc::new(Standing::default()),
        };
        let mut known = fixture::migration(fixture::IN_PLACE);
        known.name = MigrationName::parse(migration).unwrap();
        operation_name(&known, &step)
    }

    #[test]
    fn a_name_tells_the_migration_the_phase_and_what_happens() {
        assert_eq!(name("leave-centos", "master-1.aside/apply"), "leave-centos-68-master-1-aside-apply");
        assert_eq!(name("leave-centos", "master-2/remove"), "leave-centos-68-master-2-remove");
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_end_and_stays_apart_from_others() {
        let long = "from-centos-7-9-to-ubuntu-22-04";
        let (remove, add) = (name(long, "centos-master-1/remove"), name(long, "centos-master-1/add"));
        assert!(remove.contains("-68-centos-master-1-remove-") && add.contains("-68-centos-master-1-add-"), "{remove} {add}");
        let machine = "m".repeat(63);
        for name in [remove, add, name(long, &format!("{machine}/remove")), name(&"a".repeat(63), &format!("{machine}.aside/apply"))] {
            assert!(name.len() <= LONGEST && MigrationName::parse(&name).is_ok(), "{name}");
        }
        assert_ne!(name(long, &format!("{machine}/remove")), name(long, &format!("{machine}/add")));
    }

    #[test]
    fn no_operation_is_called_like_the_second_attempt_of_another() {
        assert_eq!(name("a", "other-02"), "a-68-other-02");
        let second = name("a", "worker-02");
        assert!(second.starts_with("a-68-worker-02-") && attempted(&second).is_none(), "{second}");
    }

    #[test]
    fn the_digest_is_the_one_of_the_published_algorithm() {
        assert_eq!((digest(""), digest("a")), (0x811c_9dc5, 0xe40c_292c));
    }
}
