//! A run of `replace` in a process of its own, which strace watches, kills or lets down at one of its system calls.
//!
//! The test binary runs itself again. What it does between two marks in its trace is the write phase; everything before is the
//! loader's and the test runner's.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use replank::write::{Force, Outcome};

use super::{STEPS, plan};

/// Files that nobody has: who asks for them leaves a mark in the trace.
const BEGINS: &str = "/the-write-phase-begins";
const ENDS: &str = "/the-write-phase-ends";

/// Memory, threads and signals: nothing of the disk.
const ELSEWHERE: &[&str] =
    &["brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "futex", "sched_yield", "rt_sigprocmask", "getrandom", "gettid"];

pub struct Replacing {
    output: PathBuf,
    edition: String,
    prelude: &'static str,
    injected: Vec<(String, String)>,
}

pub fn replacing(output: &Path, edition: &str) -> Replacing {
    Replacing { output: output.to_owned(), edition: edition.to_owned(), prelude: "true", injected: Vec::new() }
}

/// A system call of the write phase: the nth of its kind in the thread that makes it, as strace counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub kind: String,
    pub nth: usize,
}

impl Replacing {
    /// Commands of the shell that starts it.
    pub fn prelude(mut self, prelude: &'static str) -> Self {
        self.prelude = prelude;
        self
    }

    /// Such as `renameat2` and `error=EINVAL:when=2`. Of several, each kind of call may stand once.
    pub fn inject(mut self, calls: &str, what: &str) -> Self {
        self.injected.push((calls.to_owned(), what.to_owned()));
        self
    }

    /// Lets it meet this at one of its calls.
    pub fn at(self, call: &Call, what: &str) -> Self {
        self.inject(&call.kind, &format!("{what}:when={}", call.nth))
    }

    pub fn output(&self) -> Output {
        self.command(&self.strace()).output().expect("bash and strace are needed: .ci/run installs them")
    }

    pub fn start(&self) -> std::process::Child {
        self.command(&self.strace()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Only the calls that are let down are stopped at, so that a run is quick; a signal does not arrive so.
    fn strace(&self) -> Vec<String> {
        if self.injected.is_empty() {
            return Vec::new();
        }
        let calls: Vec<&str> = self.injected.iter().map(|(calls, _)| calls.as_str()).collect();
        let mut words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e"].map(str::to_owned).to_vec();
        words.push(format!("trace={}", calls.join(",")));
        if !self.injected.iter().any(|(_, what)| what.starts_with("signal")) {
            words.push("--seccomp-bpf".to_owned());
        }
        words.extend(self.injections());
        words
    }

    fn injections(&self) -> impl Iterator<Item = String> {
        self.injected.iter().flat_map(|(calls, what)| ["-e".to_owned(), format!("inject={calls}:{what}")])
    }

    fn command(&self, strace: &[String]) -> Command {
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("{}; exec \"$@\"", self.prelude), "bash"])
            .args(strace)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "write::process::replaces_in_a_process_of_its_own", "--ignored", "--test-threads=1"])
            // The loader would look for libraries in each of its directories.
            .env_remove("LD_LIBRARY_PATH")
            .env("REPLANK_TEST_OUTPUT", &self.output)
            .env("REPLANK_TEST_EDITION", &self.edition)
            .stdin(Stdio::null());
        command
    }

    /// Every system call of the write phase that has to do with the disk, in the order of the run.
    pub fn calls(&self) -> Vec<Call> {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let mut strace = ["strace", "-f", "-qq", "-o"].map(str::to_owned).to_vec();
        strace.push(trace.path().display().to_string());
        strace.extend(self.injections());
        let done = self.command(&strace).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        let text = std::fs::read_to_string(trace.path()).unwrap();
        assert!(text.contains(BEGINS) && text.contains(ENDS), "the marks are not in the trace:\n{text}");
        let mut counts = std::collections::BTreeMap::<(String, String), usize>::new();
        let (mut calls, mut is_inside) = (Vec::new(), false);
        for line in text.lines() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some((kind, _)) = rest.trim_start().split_once('(') else { continue };
            let is_name = kind.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
            if !is_name || ELSEWHERE.contains(&kind) {
                continue;
            }
            let nth = counts.entry((thread.to_owned(), kind.to_owned())).or_default();
            *nth += 1;
            if line.contains(BEGINS) || line.contains(ENDS) {
                is_inside = line.contains(BEGINS);
            } else if is_inside {
                calls.push((thread.to_owned(), Call { kind: kind.to_owned(), nth: *nth }));
            }
        }
        let writer = &calls[0].0;
        for ((thread, kind), count) in counts.into_iter().filter(|((thread, _), _)| thread != writer) {
            let is_met = |call: &Call| call.kind == kind && call.nth <= count;
            assert!(!calls.iter().any(|(_, call)| is_met(call)), "{thread} makes {count} calls of {kind}: count up further");
        }
        calls.into_iter().map(|(_, call)| call).collect()
    }
}

/// strace counts the calls of each thread for itself, and lets each thread meet what it injects. So that the threads of the loader and
/// of the test runner never meet it, this one has made more calls of every kind that they make before the write phase begins.
const AHEAD: usize = 60;

fn count_up() {
    let mut null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null").unwrap();
    null.write_all(b"1").unwrap();
    assert_eq!(null.read(&mut [0]).unwrap(), 0);
    null.metadata().unwrap();
    rustix::fs::fstat(&null).unwrap();
    rustix::fs::statat(rustix::fs::CWD, "/dev/null", rustix::fs::AtFlags::empty()).unwrap();
    rustix::fs::fcntl_getfl(&null).unwrap();
}

#[test]
#[ignore = "not a test: the process that the others start, watch and kill"]
#[allow(clippy::disallowed_methods, reason = "the exit code is what it is about")]
fn replaces_in_a_process_of_its_own() {
    let Some(output) = std::env::var_os("REPLANK_TEST_OUTPUT") else { return };
    let tree = plan(&std::env::var("REPLANK_TEST_EDITION").unwrap(), STEPS);
    // A thread of the pool that starts late would make its first calls in the middle of the write phase.
    rayon::broadcast(|_| ());
    (0..AHEAD).for_each(|_| count_up());
    let _ = std::fs::metadata(BEGINS);
    let outcome = replank::write::replace(output.as_ref(), &tree, Force::No);
    let _ = std::fs::metadata(ENDS);
    // Not by `println!`, which the test runner catches.
    let said = match &outcome {
        Ok(Outcome::Unchanged) => "unchanged".to_owned(),
        Ok(Outcome::Written(written)) => written.left_behind.as_ref().map_or_else(String::new, |path| format!("left: {}", path.display())),
        Err(error) => error.to_string(),
    };
    writeln!(std::io::stderr(), "{said}").unwrap();
    std::process::exit(i32::from(outcome.is_err()));
}
