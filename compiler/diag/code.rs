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
    M110 Error "temporary-has-a-role" "a temporary machine has a role at an end",
    M111 Error "failed-machine-stays" "a machine that has failed would stay or join",
    M112 Error "os-at-one-end" "the operating system of a machine is known at one end only",
    M113 Error "machine-named-like-step" "a machine is named like a step of every plan",
    M114 Error "members-not-listed" "no machine is listed as a member of etcd",
    M115 Error "storage-twice" "two applications share a name, an owner or a claim",
    M116 Error "needs-out-of-range" "an application needs more volumes than it has, or none",
    M117 Error "healing-unproved" "nothing proves that replicated data is whole again",
    M118 Error "claim-of-nobody" "nobody would make a claim again",
    M119 Error "volume-on-no-node" "a volume lies on a machine that is no node today",
    M120 Error "pod-with-two-claims" "two claims of one pod are declared",
    // Distribution, k3s and ports.
    M203 Error "k3s-too-old" "this k3s is older than what the plan writes",
    M204 Warning "k3s-agent-deadlock" "agents of this k3s may hang when a server is removed",
    M205 Error "k3s-unknown-key" "k3s does not know this configuration key",
    M206 Error "k3s-server-key-on-agent" "a key for servers is given to agents",
    M207 Error "k3s-managed-key" "this configuration key is not free to set",
    M208 Error "k3s-external-only" "a key does not fit an external datastore",
    M209 Warning "node-ports-cover-cluster-ports" "node ports may take a port that the cluster uses",
    M210 Error "port-clash" "two services want the same port of one machine",
    M211 Error "deleted-with-k3s" "a file would be deleted with an older k3s",
    M212 Warning "docker-and-zstd" "an older docker cannot load an image archive",
    M213 Error "not-with-this-distribution" "this is not supported yet with this distribution",
    M214 Error "etcd-inside-servers" "etcd inside the servers is not set up by the spec",
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
    M504 Error "hook-on-failed-machine" "a hook would run on a machine that has failed",
    M505 Error "expect-is-no-expression" "what a command must answer is no regular expression",
    // kubean.
    M601 Error "image-not-pinned" "the image is not pinned",
    M602 Error "kubespray-unknown" "the kubespray release is not known",
    M603 Warning "kubespray-of-another-image" "the kubespray release does not fit the image",
    M604 Warning "kubernetes-far-from-image" "the image deploys another Kubernetes",
    M605 Error "etcd-set-up-by-kubespray" "kubespray sets etcd up by itself",
    M606 Error "virtual-ip-unmanaged" "a virtual IP is not managed with kubean",
    M607 Error "enterprise-linux-7-unmanageable" "the image cannot manage Enterprise Linux 7",
    M608 Error "kernel-too-old" "a kernel is too old for this Kubernetes",
    M609 Error "etcd-address-in-another" "an etcd member's address is found in another's",
    M610 Error "etcd-apart-from-control-planes" "kubeadm runs etcd on the control planes and nowhere else",
    M611 Error "even-number-of-members" "kubespray refuses an even number of etcd members",
    M612 Error "etcd-join-not-free" "how members join etcd is not free to choose",
    M613 Error "no-machine-takes-pods" "no machine would take pods",
    M614 Error "capacity-above-kubelet" "a machine is given more pods than a kubelet runs",
    M615 Error "roles-change-in-place" "a machine that stays would change its roles",
    M616 Error "load-balancer-is-a-machine" "the load balancer is the address of a machine",
    M617 Error "variable-not-free" "a variable is not free to set",
    M618 Error "variable-of-one-machine" "a variable of one machine is given to all",
    M619 Error "check-switched-off" "a variable switches a check off",
    M620 Error "variable-holds-secret" "a variable holds a secret",
    M621 Error "os-without-packages" "no packages are known for an operating system",
    M622 Error "os-not-said" "the operating system of a machine is not said",
    M623 Warning "import-unused" "packages are imported that no machine uses",
    M624 Error "hook-changes-cluster" "a hook would change the cluster beside the plan",
    M625 Error "playbook-unknown" "the operator does not know a playbook",
    M626 Error "playbook-not-in-image" "the image lacks a playbook",
    M627 Error "etcd-host-not-removable" "the image cannot remove a machine that runs etcd alone",
    M628 Error "machine-named-like-group" "a machine is named like a group of ansible's",
    M629 Error "config-map-twice" "two ConfigMaps have the same name",
    // kubeadm.
    M701 Error "kubeadm-too-old" "this kubeadm cannot carry out the plan",
    M702 Error "configuration-contradicts" "the cluster's own configuration contradicts the spec",
    M703 Error "nothing-in-front" "clients would reach the API at single control planes",
    M704 Error "calico-on-etcd-v2" "this Calico keeps its data behind etcd's v2 API",
    M705 Error "etcd-inside-kubeadm" "an etcd inside kubeadm is not supported yet",
    M706 Error "load-balancer-unmanaged" "a load balancer is not managed with this distribution",
    M707 Error "static-pods-unmanaged" "static pods are not managed with this distribution",
    M708 Error "member-without-kubelet" "a member of etcd would have no kubelet to run it",
    M709 Error "static-pod-impossible" "a static pod cannot be made of these settings",

    M801 Error "no-insecure-port" "this release is not run like that",
    M802 Error "more-than-one-control-plane" "only one control plane can be moved like that",
    M803 Error "nodes-differ" "nodes would join or leave",
    M804 Error "virtual-ip-not-moved" "a virtual IP is not managed with this distribution",
    M805 Error "managed-flag" "a flag is set by the plan",
    M806 Error "kubelet-without-flag" "this kubelet does not know the flag",
    M807 Error "etcd-api-does-not-fit" "the cluster's data is not behind this API of etcd",
    M808 Error "etcd-certificates-unused" "certificates of etcd cannot be used here",
    M809 Error "dns-version-taken" "the rolled DNS would have the version of the old one",
    M810 Error "unit-twice" "two programs would be one unit",
    M811 Error "setting-without-variable" "a setting of nodes lacks its variable",
    M812 Error "api-server-on-loopback" "nodes would not reach the API server",
    // ocboot.
    M901 Error "ocboot-not-embedded" "ocboot does not install this k3s",
    M902 Error "ocboot-needs-two-servers" "ocboot would skip the newcomer",
    M903 Error "ocboot-primary" "the primary would not be a server that stays",
    M904 Error "ocboot-installs-another-k3s" "ocboot would install another k3s",
    M905 Warning "ocboot-of-another-release" "ocboot is of another release than Cloudpods",
    M906 Error "ocboot-candidates" "ocboot makes others candidates for the virtual IP",
    M907 Error "ocboot-keepalived" "ocboot configures keepalived in another way",
    M908 Error "ocboot-networks" "the networks of the cluster do not fit",
    M909 Error "ocboot-hosts" "the interfaces of hosts do not fit",
    M910 Error "ocboot-overwrites" "ocboot would overwrite a setting",
    M911 Error "ocboot-runner" "ocboot would run where it cannot",
    M912 Error "ocboot-database" "the database would be lost",
    // Hooks and steps.
    P101 Error "hook-stands-nowhere" "a hook stands at no phase and no step",
    // Who is reached, and by which address.
    V101 Error "address-outlives-machine" "an address would outlive its machine",
    V102 Error "api-not-reachable" "the API would not be reachable",
    V103 Error "api-loses-redundancy" "the API would no longer survive the loss of any one machine",
    V104 Error "led-to-nobody" "a load balancer would lead to a machine that does not serve",
    V105 Error "two-writers" "two API servers would write at once",
    V106 Error "nodes-unseen" "controllers would run while nodes do not reach the API",
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
    V211 Error "etcd-restarts-as-a-whole" "etcd would stop for the length of a restart",
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
    V406 Error "failed-machine-not-fenced" "a machine that failed could come up again",
    // Volumes that lie on single machines.
    V407 Error "application-below-needs" "an application would have fewer volumes than it needs",
    V408 Error "data-would-be-lost" "data of an application would be lost",
    V409 Error "volume-left-behind" "a volume would be left where nobody reaches it",
    V410 Error "application-loses-redundancy" "an application would no longer survive the loss of any one machine",
    // The shape of the plan.
    V501 Error "end-is-not-the-target" "the plan would not end at the target",
    V502 Error "need-comes-later" "a step needs a step that does not come before it",
    V503 Error "step-out-of-place" "a step's identity does not fit its phase, its machine or its place",
    V504 Error "accepts-nothing" "an accepted risk is not taken by any step",
    V505 Error "unknown-risk" "an accepted risk has no such name",
    // What an installer knows.
    V601 Error "asks-who-leaves" "the installer would ask a machine that does not stay",
    V602 Error "lists-who-is-gone" "the installer would list a machine that is gone",
    V603 Error "bootstrap-is-gone" "machines that join would be sent to a control plane that is gone",
    V604 Error "installer-unprepared" "the installer would run before it is prepared",
    V605 Error "packages-missing" "a machine would not find its packages",
    V606 Error "order-unapplied" "the installer's new order would not have been applied",
    // What an installer is told, before it is printed.
    L101 Error "playbook-without-machines" "a playbook would run on machines for which it is not meant",
    L102 Error "several-machines-removed" "an operation would remove more than one machine",
    L103 Warning "checks-switched-off" "an operation runs without kubespray's own checks",
    L104 Error "operation-image-not-pinned" "the image of an operation is not pinned",
    L105 Error "arguments-change-in-the-shell" "a playbook's arguments would not arrive as they are written",
    L106 Error "operator-lacks-playbook" "an operation names a playbook that the operator does not know",
    L107 Error "object-name-refused" "an operation's objects cannot have these names",
    L108 Error "operation-resets-cluster" "an operation would destroy the cluster",
    L109 Error "machine-not-in-inventory" "an operation names a machine that the inventory does not list",
    L110 Warning "operations-beyond-limit" "the plan has more operations than the operator keeps",
    L111 Error "ocboot-told-wrongly" "ocboot would be told something that it fails at",
    // The directory of a plan.
    W101 Error "file-edited" "a file of the plan was edited",
    W102 Error "file-missing" "a file of the plan is missing",
    W103 Error "file-stale" "a file of the plan is not what the spec compiles to",
    W104 Error "file-left-over" "a file is no longer part of the plan",
}
