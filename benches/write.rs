//! Measures the room that writes: a plan of thirty thousand files, beside `cp -r` of the same tree, in each folder that is given.
//!
//! `cargo bench --locked --bench write -- FOLDER…`, such as a folder on ext4 and one on tmpfs. Works in folders of its own below them, which it removes.
//! Prints the median of each, and its ratio to `cp -r`. Knows plans as paths and bytes only.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement reads the clock and the disk, and ends where it cannot")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use replank::render::{Tree, digest};
use replank::write::{Force, Outcome, replace};

const MACHINES: usize = 10_000;
const ROUNDS: usize = 5;

/// Three files for each machine. Every `one_in`th machine has files of the edition.
fn plan(edition: &str, one_in: usize) -> Tree {
    let mut files =
        BTreeMap::from([("plan.json".to_owned(), format!("{{\"generator\":{{\"name\":\"replank\"}},\"edition\":\"{edition}\"}}\n"))]);
    for machine in 0..MACHINES {
        let edition = if machine % one_in == 0 { edition } else { "kept" };
        for (name, lines) in [("config.yaml", 12), ("install.env", 6), ("k3s.service", 30)] {
            let content = format!("# {edition} {machine} {name}, as a unit or a configuration of this machine would be\n").repeat(lines);
            files.insert(format!("steps/60-add-workers/w-{machine}/{name}"), content);
        }
    }
    files.insert(digest::SUMS.to_owned(), digest::sums(&files));
    Tree { files }
}

/// What a piece of work takes: seconds on the wall, and of the processor, its own and that of the programs that it runs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    processor: f64,
}

fn timed(work: impl FnOnce()) -> Cost {
    let (start, before) = (Instant::now(), processor());
    work();
    Cost { wall: start.elapsed().as_secs_f64(), processor: processor() - before }
}

/// Seconds, from the kernel's count in hundredths.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields.skip(11).take(4).map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

/// The median of each.
fn median(mut round: impl FnMut() -> Cost) -> Cost {
    let costs: Vec<Cost> = (0..ROUNDS).map(|_| round()).collect();
    let middle = |of: fn(&Cost) -> f64| {
        let mut sorted: Vec<f64> = costs.iter().map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.into_iter().nth(ROUNDS / 2).unwrap()
    };
    Cost { wall: middle(|cost| cost.wall), processor: middle(|cost| cost.processor) }
}

fn run(program: &str, words: &[&Path]) {
    assert!(Command::new(program).args(words).status().unwrap().success());
}

fn write(output: &Path, tree: &Tree) {
    assert!(matches!(replace(output, tree, Force::No).unwrap(), Outcome::Written(_)));
}

fn measure(folder: &Path) {
    let scene = tempfile::tempdir_in(folder).unwrap();
    let place = |name: &str| -> PathBuf { scene.path().join(name) };
    let (output, copy) = (place("plan"), place("copy"));
    let [first, other, few] = [plan("first", 1), plan("other", 1), plan("few", 500)];
    let kept = plan("first", 500);
    let empty = |path: &Path| {
        run("rm", &["-rf".as_ref(), path]);
        settle();
    };
    write(&output, &first);
    let cp = median(|| {
        empty(&copy);
        timed(|| run("cp", &["-r".as_ref(), &output, &copy]))
    });
    let synced = median(|| {
        empty(&copy);
        timed(|| {
            run("cp", &["-r".as_ref(), &output, &copy]);
            run("sync", &["-f".as_ref(), &copy]);
        })
    });
    empty(&copy);
    let new = median(|| {
        empty(&output);
        timed(|| write(&output, &first))
    });
    let unchanged = median(|| timed(|| assert!(matches!(replace(&output, &first, Force::No).unwrap(), Outcome::Unchanged))));
    let mut next = [&other, &first].into_iter().cycle();
    let all = median(|| timed(|| write(&output, next.next().unwrap())));
    write(&output, &kept);
    let mut next = [&few, &kept].into_iter().cycle();
    let some = median(|| timed(|| write(&output, next.next().unwrap())));
    println!("{}: {} files; cp -r {:.3} s, with sync -f {:.3} s", folder.display(), first.files.len(), cp.wall, synced.wall);
    for (name, cost) in [("first plan", new), ("nothing to do", unchanged), ("every file changed", all), ("1 machine in 500 changed", some)]
    {
        let (wall, after_sync, processor) = (cost.wall / cp.wall, cost.wall / synced.wall, cost.processor / cp.processor);
        println!("  {name}: {:.3} s, {wall:.2} x cp -r; {after_sync:.2} x with sync; {processor:.2} x of its processor time", cost.wall);
    }
}

/// What a round leaves to be written to the disk is not the next one's.
fn settle() {
    run("sync", &[]);
}

fn main() {
    let folders = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    folders.for_each(|folder| measure(Path::new(&folder)));
}
