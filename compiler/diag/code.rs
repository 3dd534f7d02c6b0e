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
    // etcd.
    // Hooks and steps.
    P101 Error "hook-stands-nowhere" "a hook stands at no phase and no step",
    // etcd.
    V201 Error "etcd-loses-quorum" "etcd would lose quorum",
}
