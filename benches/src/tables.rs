//! The figures as Markdown tables.
//!
//! Does not judge them: `goals.rs` does.

use std::fmt::Write;

use crate::contest::{Contestant, IN_MEMORY};
use crate::fleet::Backend;
use crate::goals::{self, Bound, counted};
use crate::peers::Peer;
use crate::results::{Results, Room, Rooms, Run, exponent};

/// Shorter times than this, in seconds, say nothing of growth.
const NOISE: f64 = 0.002;

/// A table from its head and its rows; the first column is text, the others are figures.
fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule: Vec<String> = (0..head.len()).map(|column| if column == 0 { "---".into() } else { "---:".into() }).collect();
    rows.iter().fold(line(head) + &line(&rule), |text, row| text + &line(row))
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub fn setup(results: &Results) -> String {
    let rows: Vec<_> = results.setup.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
    // Versions are text as well.
    table(&words(&["", ""]), &rows).replace("---:", "---")
}

pub fn goals(results: &Results) -> String {
    let rows = goals::all(results).into_iter().map(|goal| {
        let bound = match goal.bound {
            Bound::AtMost(most) => format!("≤ {most}"),
            Bound::AtLeast(least) => format!("≥ {least}"),
        };
        let measured = goal.measured.map_or_else(|| "–".into(), ratio);
        vec![goal.asked.clone(), bound, measured, goal.of.clone(), goal.verdict().to_owned()]
    });
    table(&words(&["goal", "bound", "measured", "of", ""]), &rows.collect::<Vec<_>>())
}

/// Programs over one fleet: the time of each to that of the whole compile, and in seconds.
pub fn side_by_side(results: &Results, fleet: &str) -> String {
    let runs: Vec<&Run> = results.runs.iter().filter(|run| run.fleet == fleet).collect();
    let mut sizes: Vec<usize> = runs.iter().map(|run| run.machines).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut names: Vec<&str> = Vec::new();
    for run in &runs {
        if !names.contains(&run.what.as_str()) {
            names.push(&run.what);
        }
    }
    let cell = |what: &str, machines: usize| {
        let run = results.run(fleet, machines, what)?;
        let compile = results.run(fleet, machines, Contestant::Compile.name())?;
        let few = if run.rounds < 5 { format!(" of {}", run.rounds) } else { String::new() };
        Some(format!("{} ({}{few})", ratio(run.seconds / compile.seconds), seconds(run.seconds)))
    };
    let head: Vec<String> = std::iter::once(String::new()).chain(sizes.iter().map(|machines| counted(*machines))).collect();
    let row = |what: &&str| {
        let figures = sizes.iter().map(|machines| cell(what, *machines).unwrap_or_else(|| "–".into()));
        std::iter::once((*what).to_owned()).chain(figures).collect()
    };
    table(&head, &names.iter().map(row).collect::<Vec<Vec<String>>>())
}

/// Peers by the byte: at their largest fleet, what a megabyte of their files takes, and what one of the plan takes.
pub fn by_the_byte(results: &Results) -> String {
    let mut rows = Vec::new();
    for peer in Peer::ALL {
        let Some(run) = results.runs.iter().filter(|run| run.what == peer.name() && run.fleet != IN_MEMORY).max_by_key(|run| run.machines)
        else {
            continue;
        };
        let Some(compile) = results.run(&run.fleet, run.machines, Contestant::Compile.name()) else { continue };
        let [its, ours] = [run, compile].map(|run| run.seconds / megabytes(run.bytes));
        rows.push(vec![
            peer.name().to_owned(),
            counted(run.machines),
            format!("{} files, {:.2} MB", counted(run.files), megabytes(run.bytes)),
            format!("{} files, {:.1} MB", counted(compile.files), megabytes(compile.bytes)),
            seconds(its),
            seconds(ours),
            ratio(its / ours),
        ]);
    }
    table(&words(&["", "machines", "its files", "the plan", "a MB of its files", "a MB of the plan", "ratio"]), &rows)
}

/// Peak memory of the whole program beside what it writes.
pub fn memory(results: &Results) -> String {
    let is_own = |run: &&Run| {
        run.fleet != IN_MEMORY && [Contestant::Compile, Contestant::Again, Contestant::Edited].iter().any(|own| own.name() == run.what)
    };
    let rows = results.runs.iter().filter(is_own).map(|run| {
        let [peak, bytes] = [run.peak, run.bytes].map(megabytes);
        let figures = [counted(run.machines), counted(run.files), format!("{bytes:.1}"), format!("{peak:.0}"), ratio(peak / bytes)];
        std::iter::once(format!("{}: {}", run.fleet, run.what)).chain(figures).collect()
    });
    table(&words(&["", "machines", "files", "output, MB", "peak, MB", "ratio"]), &rows.collect::<Vec<Vec<String>>>())
}

/// A table over all fleets and rooms at the largest size of each; `figure` says what stands for a room, `whole` what for the fleet.
fn of_rooms(results: &Results, figure: impl Fn(&[&Rooms], usize) -> String, last: &str, whole: impl Fn(&[&Rooms]) -> String) -> String {
    let Some(first) = results.rooms.first() else { return String::new() };
    let names = first.rooms.iter().map(|room| if room.name == "hash" { "of it hash".into() } else { room.name.clone() });
    let head: Vec<String> = words(&["", "machines"]).into_iter().chain(names).chain([last.to_owned()]).collect();
    let rows = Backend::ALL.into_iter().filter_map(|backend| {
        let sizes: Vec<&Rooms> = results.rooms.iter().filter(|rooms| rooms.fleet == backend.name()).collect();
        let largest = sizes.last()?;
        let figures = (0..largest.rooms.len()).map(|index| figure(&sizes, index));
        let named = [backend.name().to_owned(), counted(largest.machines)];
        Some(named.into_iter().chain(figures).chain([whole(&sizes)]).collect())
    });
    table(&head, &rows.collect::<Vec<Vec<String>>>())
}

pub fn room_times(results: &Results) -> String {
    let of = |sizes: &[&Rooms], index: usize| {
        sizes.last().and_then(|rooms| rooms.rooms.get(index)).map_or_else(String::new, |room| seconds(room.seconds))
    };
    of_rooms(results, of, "whole", |sizes| sizes.last().map_or_else(String::new, |rooms| seconds(total(rooms))))
}

pub fn room_peaks(results: &Results) -> String {
    let of = |sizes: &[&Rooms], index: usize| {
        let room = sizes.last().and_then(|rooms| rooms.rooms.get(index));
        room.map_or_else(String::new, |room| format!("{:.0}", megabytes(room.peak)))
    };
    of_rooms(results, of, "output", |sizes| sizes.last().map_or_else(String::new, |rooms| format!("{:.1}", megabytes(rooms.bytes))))
}

pub fn room_growth(results: &Results) -> String {
    let slope = |mut points: Vec<(usize, f64)>| {
        points.retain(|(_, seconds)| *seconds >= NOISE);
        exponent(&points).map_or_else(|| "–".into(), |slope| format!("{slope:.2}"))
    };
    let above = |sizes: &[&Rooms], value: &dyn Fn(&Rooms) -> f64| -> Vec<(usize, f64)> {
        sizes.iter().filter(|rooms| rooms.machines >= 100).map(|rooms| (rooms.machines, value(rooms))).collect()
    };
    let of = |sizes: &[&Rooms], index: usize| slope(above(sizes, &|rooms| rooms.rooms.get(index).map_or(0.0, |room| room.seconds)));
    of_rooms(results, of, "whole", |sizes| slope(above(sizes, &total)))
}

/// The time of all rooms; the digests are part of rendering, and measured once more.
pub fn total(rooms: &Rooms) -> f64 {
    rooms.rooms.iter().filter(|room| room.name != "hash").map(|room: &Room| room.seconds).sum()
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// A ratio with three digits that count.
fn ratio(ratio: f64) -> String {
    let places = if ratio < 1.0 {
        3
    } else if ratio < 10.0 {
        2
    } else if ratio < 100.0 {
        1
    } else {
        0
    };
    format!("{ratio:.places$}")
}

pub fn seconds(seconds: f64) -> String {
    let mut text = String::new();
    // Writing into a `String` cannot fail.
    let _ = if seconds < 1.0 { write!(text, "{:.0} ms", seconds * 1e3) } else { write!(text, "{seconds:.1} s") };
    text
}
