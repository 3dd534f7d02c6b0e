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
    // The text is not one bounded YAML document.
    S101 Error "not-yaml" "the spec is not YAML",
    S102 Error "tab-indentation" "a tab is used as indentation",
    S103 Error "control-character" "the spec holds a control character",
    S104 Error "empty-spec" "the spec is empty",
    S105 Error "several-documents" "the file holds more than one document",
    S106 Error "too-large" "the file is too large for a spec",
    S107 Error "too-deep" "values are nested too deeply",
    S108 Error "alias-bomb" "aliases expand to too much",
    S109 Error "alias-of-itself" "an alias stands inside the value that it names",
    S110 Error "tag" "a value has a YAML tag",
    S111 Error "merge-key" "merge keys are not part of YAML 1.2",
    S112 Error "key-not-text" "a key is not text",
    S113 Error "duplicate-key" "a key is given twice",
    // The document does not have the form of a migration.
    S201 Error "unknown-key" "a key is not known here",
    S202 Error "missing-key" "a key is missing",
    S203 Error "wrong-type" "a value has the wrong type",
    S204 Error "unknown-value" "a value is not one of the allowed words",
    S205 Error "wrong-form" "a text does not have the required form",
    S206 Error "out-of-range" "a number is out of range",
    S207 Error "not-exactly-one" "exactly one key is required here",
    S208 Error "literal-secret" "a secret is written into the spec",
    S209 Error "empty-list" "a list is empty",
    S210 Error "unknown-version" "the spec has a version that cannot be read",
    // Machines, and who plays which role.
    M101 Error "unknown-machine" "a machine is named that is not declared",
    M102 Error "machine-twice" "a machine is listed twice",
    M103 Error "two-node-roles" "a machine is control plane and worker at the same end",
    M104 Error "role-changes" "a machine changes between control plane and worker",
    M105 Warning "machine-unused" "a machine is declared but plays no role",
    M106 Error "address-twice" "two machines have the same address",
    M107 Error "not-an-address" "a text is not an address",
    M108 Error "unusable-address" "an address cannot belong to a machine",
    M109 Error "mixed-families" "machines mix IPv4 and IPv6",
    // Distribution, k3s and ports.
    M201 Error "distribution-unsupported" "this distribution is not supported yet",
    M202 Error "embedded-etcd-unsupported" "an embedded datastore is not supported yet",
    M203 Error "k3s-too-old" "this k3s handles tokens in another way",
    M204 Warning "k3s-agent-deadlock" "agents of this k3s may hang when a server is removed",
    M205 Error "k3s-unknown-key" "k3s does not know this configuration key",
    M206 Error "k3s-server-key-on-agent" "a key for servers is given to agents",
    M207 Error "k3s-managed-key" "this configuration key is not free to set",
    M208 Error "k3s-external-only" "a key does not fit an external datastore",
    M209 Warning "node-ports-cover-cluster-ports" "node ports may take a port that the cluster uses",
    M210 Error "port-clash" "two services want the same port of one machine",
    M211 Error "deleted-with-k3s" "a file would be deleted with an older k3s",
    M212 Warning "docker-and-zstd" "an older docker cannot load an image archive",
    // etcd.
    M301 Warning "etcd-plain-http" "etcd speaks plain HTTP",
    M302 Error "member-name-twice" "two etcd members have the same name",
    M303 Warning "member-name-unused" "a member name is given to a machine that is no member",
    M304 Error "etcd-managed-flag" "an etcd flag is set by the plan",
    M305 Error "etcd-path-hidden" "etcd would not see one of its own paths",
    M306 Error "etcd-data-in-k3s" "etcd's data lies where k3s keeps its own",
    // Virtual IP, and the address at which the API is reached.
    M401 Error "virtual-ip-missing" "a virtual IP has candidates but is not described",
    M402 Error "virtual-ip-unused" "a virtual IP is described but has no candidate",
    M403 Error "virtual-ip-retired" "a virtual IP cannot be retired yet",
    M404 Error "virtual-ip-is-a-machine" "the virtual IP is the address of a machine",
    M405 Error "candidate-outside-network" "a candidate is outside the network of the virtual IP",
    M406 Error "candidate-not-control-plane" "a candidate for the virtual IP is no control plane",
    M407 Error "too-many-candidates" "the virtual IP has too many candidates",
    M408 Error "priority-unused" "a priority is given to a machine that is no candidate",
    M409 Error "priority-twice" "two candidates have the same priority",
    M410 Error "join-address-without-holder" "nodes join at a virtual IP that nobody holds",
    M411 Error "join-address-not-control-plane" "nodes join at a machine that is no control plane",
    M412 Warning "password-without-use" "a password is given that VRRP cannot use",
    // The team's own steps, and free text.
    M501 Error "hook-id-twice" "two hooks have the same id",
    M502 Error "hook-anchor" "a hook's place is not a phase or a step",
    M503 Error "control-character-in-text" "a text holds a control character",
    // Hooks and steps.
    P101 Error "hook-stands-nowhere" "a hook stands at no phase and no step",
    // Who is reached, and by which address.
    V101 Error "address-outlives-machine" "an address would outlive its machine",
    V102 Error "api-not-reachable" "the API would not be reachable",
    V103 Error "api-loses-redundancy" "the API would no longer survive the loss of any one machine",
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
    V210 Warning "policy-beyond-source" "the policy asks for more than the source can give",
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
