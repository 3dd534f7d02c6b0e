//! The page docs/performance.md between its marks, and the plots beside it.
//!
//! The prose around the marks is written by people; what lies between them is written here alone.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::contest::{Contestant, IN_MEMORY};
use crate::fleet::Backend;
use crate::plot::{self, Line, Page, Weight};
use crate::results::{Results, Rooms};
use crate::tables;

const BEGIN: &str = "<!-- measured: begin, by benches/run -->\n";
const END: &str = "<!-- measured: end -->\n";

/// Everything that was measured, as Markdown.
pub fn page(results: &Results) -> String {
    let fleet = Backend::K3sExternalEtcd.name();
    let left_out: String = results.left_out.iter().map(|line| format!("* {line}\n")).collect();
    let sections = [
        ("Goals", tables::goals(results)),
        ("Side by side", pictured("side-by-side") + &tables::side_by_side(results, fleet)),
        ("In memory", tables::side_by_side(results, IN_MEMORY)),
        ("Peers by the byte", tables::by_the_byte(results)),
        ("kustomize", tables::side_by_side(results, Backend::KubeanGrow.name())),
        ("Clusters of ten", tables::side_by_side(results, "clusters of ten")),
        ("Memory", tables::memory(results)),
        ("Rooms: time", pictured("rooms") + &tables::room_times(results)),
        ("Rooms: growth", tables::room_growth(results)),
        ("Rooms: peak memory, MB", tables::room_peaks(results)),
        ("Measured on, and with", tables::setup(results)),
        ("Left out", left_out),
    ];
    let shown = sections.into_iter().filter(|(_, text)| text.lines().count() > 2 || text.starts_with('*'));
    shown.map(|(title, text)| format!("## {title}\n\n{text}\n")).collect()
}

fn pictured(name: &str) -> String {
    format!(
        "<picture>\n  <source media=\"(prefers-color-scheme: dark)\" srcset=\"performance/{name}-dark.svg\">\n  \
         <img alt=\"Time over machines, both in logarithms; the table below has the figures\" src=\"performance/{name}-light.svg\">\n</picture>\n\n"
    )
}

/// Writes the page between its marks, and the plots.
///
/// # Errors
/// Where the page has no marks, or the disk refuses.
pub fn write(results: &Results, docs: &Path) -> Result<(), Box<dyn Error>> {
    let path = docs.join("performance.md");
    let old = fs::read_to_string(&path)?;
    let (before, rest) = old.split_once(BEGIN).ok_or("docs/performance.md has no mark where the figures begin")?;
    let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no mark where the figures end")?;
    fs::write(&path, format!("{before}{BEGIN}\n{}{END}{after}", page(results)))?;
    let folder = docs.join("performance");
    fs::create_dir_all(&folder)?;
    let fleet = Backend::K3sExternalEtcd.name();
    let plots = [
        ("side-by-side", format!("{fleet}: replank beside cp -r and peers"), programs(results, fleet)),
        ("rooms", format!("{fleet}: the rooms of the compiler"), rooms(results, fleet)),
    ];
    for (name, title, lines) in &plots {
        for page in Page::ALL {
            fs::write(folder.join(format!("{name}-{}.svg", page.name())), plot::draw(title, lines, page)?)?;
        }
    }
    Ok(())
}

/// A line for each program of a fleet.
fn programs(results: &Results, fleet: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for run in results.runs.iter().filter(|run| run.fleet == fleet) {
        let point = (run.machines as f64, run.seconds);
        match lines.iter_mut().find(|line| line.name == run.what) {
            Some(line) => line.points.push(point),
            None => {
                lines.push(Line { name: run.what.clone(), points: vec![point], weight: weight(run.what == Contestant::Compile.name()) })
            }
        }
    }
    lines
}

/// A line for each room of a fleet, and one for all of them.
fn rooms(results: &Results, fleet: &str) -> Vec<Line> {
    let sizes: Vec<&Rooms> = results.rooms.iter().filter(|rooms| rooms.fleet == fleet).collect();
    let names = sizes.first().map(|rooms| rooms.rooms.iter().map(|room| room.name.clone()).collect::<Vec<_>>()).unwrap_or_default();
    let line = |name: &String| {
        let room = |rooms: &&Rooms| rooms.rooms.iter().find(|room| room.name == *name).map(|room| (rooms.machines as f64, room.seconds));
        Line { name: name.clone(), points: sizes.iter().filter_map(room).collect(), weight: Weight::Other }
    };
    let whole = sizes.iter().map(|rooms| (rooms.machines as f64, tables::total(rooms))).collect();
    std::iter::once(Line { name: "all rooms".into(), points: whole, weight: Weight::Main }).chain(names.iter().map(line)).collect()
}

fn weight(is_main: bool) -> Weight {
    if is_main { Weight::Main } else { Weight::Other }
}
