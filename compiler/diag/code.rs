//! The table of everything replank can find: code, slug, severity, headline.
//!
//! The letter is the room that speaks (`S` spec, `M` model, `P` plan, `V` verify, `L` lower, `W` write), the hundreds digit a
//! family in it. Headlines are fixed words. `docs/diagnostics/<CODE>.md` is the page of each; tests assert that
//! the table is sorted, that each code has its page, and that each is provoked once in `snapshots/diagnostics/`.

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No plan is written.
    Error,
    /// A plan is written; the reader should know.
    Warning,
}

macro_rules! codes {
    ($($name:ident $severity:ident $slug:literal $headline:literal,)*) => {
        /// The code of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $headline] $name,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name),)* }
            }

            pub fn slug(self) -> &'static str {
                match self { $(Code::$name => $slug,)* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            pub fn headline(self) -> &'static str {
                match self { $(Code::$name => $headline,)* }
            }
        }
    };
}

codes! {
    // The spec is not a readable document.
    S101 Error "not-yaml" "the spec is not YAML",
    // One place names many machines.
    M101 Error "unknown-machine" "a role names a machine that is not declared",
    // Who is reached, and by which address.
    V101 Error "address-outlives-machine" "an address would outlive its machine",
    V102 Error "api-not-reachable" "the API would not be reachable",
    V103 Error "api-loses-redundancy" "the API would no longer survive the loss of any one machine",
    // etcd.
    // Hooks and steps.
    P101 Error "hook-stands-nowhere" "a hook stands at no phase and no step",
    // etcd.
    V201 Error "etcd-loses-quorum" "etcd would lose quorum",
    V202 Error "etcd-tolerates-too-little" "etcd would tolerate fewer failures than the policy asks for",
    V203 Error "membership-change-impossible" "etcd would refuse the change of its members",
    V204 Warning "more-than-seven-voters" "etcd would have more than seven voters",
    V205 Warning "even-number-of-voters" "etcd would end with an even number of members",
    V206 Error "made-for-another-moment" "a step is made for another moment",
    V207 Error "change-without-backup" "a change would come before its backup",
    V208 Error "leader-to-leaving-member" "etcd's leader would move to a member that does not stay",
    V209 Error "datastore-does-not-vote" "an API server would keep its data on a member that does not vote",
    // The virtual IP.
    V301 Error "equal-priorities" "two candidates for the virtual IP would have equal priorities",
    V302 Error "virtual-ip-lacks-candidates" "the virtual IP would lack candidates",
    V303 Error "candidate-does-not-serve" "a candidate for the virtual IP would not serve the API",
    V304 Error "certificate-lacks-virtual-ip" "an API server's certificate would not cover the virtual IP",
    V305 Error "hand-over-undecided" "the hand-over of the virtual IP would not be decided by priority",
    V306 Error "candidate-removed" "a control plane would be removed while it may hold the virtual IP",
    // Nodes and machines.
    V401 Error "joins-unprepared" "a machine would join without having been prepared",
    V402 Error "no-room-for-pods" "drained pods would find no room",
    V403 Error "cleaned-up-at-the-wrong-time" "a machine would be cleaned up too early or not at all",
    V404 Error "hook-out-of-place" "a hook would not run once and at its place",
    V405 Error "step-does-not-apply" "a step does not fit the cluster at its moment",
    // The shape of the plan.
    V501 Error "end-is-not-the-target" "the plan would not end at the target",
    V502 Error "need-comes-later" "a step needs a step that does not come before it",
    V503 Error "step-out-of-place" "a step's identity does not fit its phase, its machine or its place",
    V504 Error "accepts-nothing" "an accepted risk is not taken by any step",
    V505 Error "unknown-risk" "an accepted risk has no such name",
}
