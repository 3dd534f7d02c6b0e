//! Measures replank: makes specs of fleets, times rooms and programs, and writes docs/performance.md.
//!
//! `benches/run` calls it; it expects to run at the root of the repository.

mod arena;
mod contest;
mod fleet;
mod goals;
mod kustomize;
mod peers;
mod plot;
mod report;
mod results;
mod rooms;
mod setup;
mod suite;
mod tables;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use arena::Tools;
use fleet::Backend;
use results::Results;
use suite::Places;

const USAGE: &str = "usage: replank-benches spec BACKEND MACHINES | rooms SPEC OUTPUT | measure REPLANK PYTHON FOLDER MEMORY RESULTS MACHINES... (MEMORY may be empty) | show RESULTS | report RESULTS DOCS";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["spec", backend, machines] => {
            print!("{}", fleet::spec(Backend::named(backend).ok_or(USAGE)?, machines.parse()?)?);
        }
        ["rooms", spec, output] => {
            let rooms = rooms::measure(Path::new(spec), Path::new(output))?;
            println!("{}", serde_json::to_string(&rooms)?);
        }
        ["measure", replank, python, disk, memory, file, ref sizes @ ..] => {
            let sizes = sizes.iter().map(|size| size.parse()).collect::<Result<Vec<usize>, _>>()?;
            let tools = Tools { replank: replank.into(), python: python.into(), peers: "benches/peers".into() };
            let save = |results: &Results| Ok(std::fs::write(file, serde_json::to_string_pretty(results)?)?);
            let memory = Some(Path::new(memory)).filter(|memory| !memory.as_os_str().is_empty());
            suite::run(&tools, &Places { disk: Path::new(disk), memory }, &sizes, &save)?;
        }
        ["show", results] => print!("{}", report::page(&read(results)?)),
        ["report", results, docs] => report::write(&read(results)?, Path::new(docs))?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn read(path: &str) -> Result<Results, Box<dyn Error>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}
