//! The whole suite: rooms of every backend, then contests; and what is left out, with the reason.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::arena::{Arena, Tools, cleared};
use crate::contest::{Contest, Contestant};
use crate::fleet::{self, Backend};
use crate::peers::Peer;
use crate::results::{Results, Room, Rooms, median};
use crate::setup;

/// Nothing, or what went wrong.
type Said = Result<(), Box<dyn Error>>;

/// The seconds after which a room is not measured once more for its median.
const PATIENCE: f64 = 6.0;

/// Where it is measured: a folder on the disk, and one on a file system in memory, where there is one.
pub struct Places<'a> {
    pub disk: &'a Path,
    pub memory: Option<&'a Path>,
}

/// Measures everything up to so many machines, in folders of its own. `save` is called whenever something was measured.
///
/// # Errors
/// Where a program that is there fails. One that is not there is left out, and said.
pub fn run(tools: &Tools, places: &Places<'_>, sizes: &[usize], save: &dyn Fn(&Results) -> Said) -> Said {
    let folder = places.disk;
    let mut results = Results { setup: setup::read(tools, folder), ..Results::default() };
    let missing: Vec<Peer> = Peer::ALL.into_iter().filter(|peer| peer.found(tools).is_none()).collect();
    results.left_out.extend(missing.iter().map(|peer| format!("{}: not installed", peer.name())));
    for machines in sizes {
        for backend in Backend::ALL.into_iter().filter(|backend| *machines <= backend.most_machines()) {
            eprintln!("rooms: {}, {machines} machines", backend.name());
            results.rooms.push(rooms(folder, backend, *machines)?);
            save(&results)?;
        }
        for (backend, contestants) in contests(*machines, &missing) {
            eprintln!("side by side: {}, {machines} machines", backend.name());
            let arena = Arena::new(folder.join("arena"))?;
            Contest::of_fleet(tools, arena, backend, *machines)?.run(&contestants, &mut results)?;
            save(&results)?;
        }
    }
    let most = sizes.iter().max().copied().unwrap_or_default();
    match places.memory {
        Some(memory) => {
            eprintln!("side by side, in memory: {most} machines");
            let contestants = [Contestant::Compile, Contestant::Again, Contestant::Copy];
            let peers = [Peer::Jinja2Whole].into_iter().filter(|peer| !missing.contains(peer)).map(Contestant::Peer);
            let arena = Arena::new(memory.join("arena"))?;
            let contest = Contest::of_fleet(tools, arena, Backend::K3sExternalEtcd, most)?.in_memory();
            contest.run(&contestants.into_iter().chain(peers).collect::<Vec<_>>(), &mut results)?;
            save(&results)?;
        }
        None => results.left_out.push("in memory: no file system in memory with 3 GB to spare".to_owned()),
    }
    // As many machines in clusters of ten as the largest fleet has.
    let clusters = most / 10;
    if takes_several(tools)? {
        eprintln!("side by side: {clusters} clusters of ten machines");
        let arena = Arena::new(folder.join("arena"))?;
        let contestants = [Contestant::Compile, Contestant::Again, Contestant::Copy, Contestant::CopyAndSync];
        Contest::of_clusters(tools, arena, clusters)?.run(&contestants, &mut results)?;
    } else {
        results.left_out.push(format!("clusters of ten machines, {clusters} of them: this replank compiles one spec at a time"));
    }
    save(&results)
}

/// Which fleets are compiled beside which programs.
fn contests(machines: usize, missing: &[Peer]) -> Vec<(Backend, Vec<Contestant>)> {
    let takes_part = |peer: &Peer| machines <= peer.most_machines() && !missing.contains(peer);
    let own = [Contestant::Compile, Contestant::Again, Contestant::Edited, Contestant::Copy, Contestant::CopyAndSync];
    let peers = Peer::ALL.into_iter().filter(|peer| *peer != Peer::Kustomize && takes_part(peer)).map(Contestant::Peer);
    let mut contests = vec![(Backend::K3sExternalEtcd, own.into_iter().chain(peers).collect())];
    if takes_part(&Peer::Kustomize) {
        contests.push((Backend::KubeanGrow, vec![Contestant::Compile, Contestant::Copy, Contestant::Peer(Peer::Kustomize)]));
    }
    contests
}

/// The rooms of one spec: medians of at most three processes, of one for a fleet that takes long.
fn rooms(folder: &Path, backend: Backend, machines: usize) -> Result<Rooms, Box<dyn Error>> {
    let arena = Arena::new(folder.join("rooms"))?;
    let [spec, output] = [arena.path("spec.yaml"), arena.path("plan")];
    std::fs::write(&spec, fleet::spec(backend, machines)?)?;
    let mut taken: Vec<Rooms> = Vec::new();
    while taken.len() < 3 && taken.iter().flat_map(|rooms| &rooms.rooms).map(|room| room.seconds).sum::<f64>() < PATIENCE {
        cleared(&output)?;
        Command::new("sync").arg("-f").arg(folder).status()?;
        let said = Command::new(std::env::current_exe()?).arg("rooms").args([&spec, &output]).output()?;
        if !said.status.success() {
            return Err(format!("{}, {machines} machines: {}", backend.name(), String::from_utf8_lossy(&said.stderr)).into());
        }
        taken.push(serde_json::from_slice(&said.stdout)?);
    }
    let first = taken.first().ok_or("no rooms")?.clone();
    let middle = |index: usize, room: &Room| Room {
        name: room.name.clone(),
        seconds: median(taken.iter().filter_map(|rooms| rooms.rooms.get(index)).map(|room| room.seconds).collect()),
        peak: taken.iter().filter_map(|rooms| rooms.rooms.get(index)).map(|room| room.peak).max().unwrap_or_default(),
    };
    let rooms = first.rooms.iter().enumerate().map(|(index, room)| middle(index, room)).collect();
    Ok(Rooms { fleet: backend.name().to_owned(), machines, rooms, ..first })
}

/// Whether `replank compile` takes several specs, as its help says.
fn takes_several(tools: &Tools) -> Result<bool, Box<dyn Error>> {
    let help = Command::new(&tools.replank).args(["compile", "--help"]).output()?;
    Ok(String::from_utf8_lossy(&help.stdout).lines().any(|line| line.starts_with("Usage:") && line.contains("SPEC>...")))
}
