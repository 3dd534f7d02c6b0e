//! What was promised, beside what was measured.
//!
//! Knows the goals, all of them ratios within one run. Does not know how the figures came to be.

use crate::contest::{Contestant, IN_MEMORY};
use crate::fleet::Backend;
use crate::peers::Peer;
use crate::results::{Results, Run, exponent};

/// One goal: what is asked, its bound, and what was measured with how it was.
pub struct Goal {
    pub asked: String,
    pub bound: Bound,
    pub measured: Option<f64>,
    pub of: String,
}

/// On which side of a number the goal lies.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    /// What stands in the last column.
    pub fn verdict(&self) -> &'static str {
        match (self.measured, self.bound) {
            (None, _) => "not measured",
            (Some(measured), Bound::AtMost(most)) if measured <= most => "met",
            (Some(measured), Bound::AtLeast(least)) if measured >= least => "met",
            (Some(_), Bound::AtMost(_) | Bound::AtLeast(_)) => "**not met**",
        }
    }
}

/// The fleet by which the goals are judged.
const FLEET: Backend = Backend::K3sExternalEtcd;

/// And so many machines: fewer prove nothing.
const MACHINES: usize = 10_000;

/// All goals, in the order in which they were given.
pub fn all(results: &Results) -> Vec<Goal> {
    let run = |contestant: Contestant| results.run(FLEET.name(), MACHINES, contestant.name());
    let compile = run(Contestant::Compile);
    let seconds = |other: Option<&Run>| Some(compile?.seconds / other?.seconds);
    let memory = compile.map(|run| run.peak as f64 / run.bytes as f64);
    let at = |text: &str| format!("{text}, {} machines", counted(MACHINES));
    let mut goals = vec![
        goal("the whole compile, to `cp -r` of the same tree", Bound::AtMost(1.5), seconds(run(Contestant::Copy)), at("time")),
        goal("growth of the whole compile", Bound::AtMost(1.1), growth(results), "exponent, 100 to 10,000 machines".into()),
        goal("peak memory, to the size of the output", Bound::AtMost(4.0), memory, at("bytes")),
        goal(
            "a second compile of the same spec, to the first",
            Bound::AtMost(0.4),
            seconds(run(Contestant::Again)).map(|ratio| 1.0 / ratio),
            at("time"),
        ),
    ];
    let peers = [(Peer::Jinja2Whole, 3.0), (Peer::GoJsonnet, 20.0), (Peer::Ansible, 500.0)];
    goals.extend(peers.into_iter().map(|(peer, least)| against(results, FLEET.name(), peer, least)));
    // A slow disk makes programs that write the same files equal.
    let mut in_memory = against(results, IN_MEMORY, Peer::Jinja2Whole, 3.0);
    in_memory.of.push_str(", in memory");
    goals.push(in_memory);
    goals
}

fn goal(asked: &str, bound: Bound, measured: Option<f64>, of: String) -> Goal {
    Goal { asked: asked.to_owned(), bound, measured, of }
}

/// A peer on its files, to the whole compile, at the most machines that it is measured with.
fn against(results: &Results, fleet: &str, peer: Peer, least: f64) -> Goal {
    let machines = peer.most_machines();
    let seconds = |what: &str| results.run(fleet, machines, what).map(|run| run.seconds);
    let measured = seconds(peer.name()).zip(seconds(Contestant::Compile.name())).map(|(peer, compile)| peer / compile);
    let asked = format!("{}, to the whole compile", peer.name());
    goal(&asked, Bound::AtLeast(least), measured, format!("time, {} machines", counted(machines)))
}

/// From 100 machines on: below, a compile is mostly a program that starts.
fn growth(results: &Results) -> Option<f64> {
    results.run(FLEET.name(), MACHINES, Contestant::Compile.name())?;
    let is_compile = |run: &&Run| run.fleet == FLEET.name() && run.what == Contestant::Compile.name() && run.machines >= 100;
    exponent(&results.runs.iter().filter(is_compile).map(|run| (run.machines, run.seconds)).collect::<Vec<_>>())
}

/// A count with a comma before each three digits.
pub fn counted(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", counted(number / 1_000), number % 1_000) }
}
