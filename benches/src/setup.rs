//! On what and with what was measured: cores, memory, kernel, file system, versions. Never a name of a machine, nor a path.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::arena::Tools;
use crate::peers::Peer;

/// What stands above the figures.
pub fn read(tools: &Tools, folder: &Path) -> Vec<(String, String)> {
    let cores = std::thread::available_parallelism().map_or_else(|_| "unknown".to_owned(), |cores| cores.to_string());
    let python = tools.python.display().to_string();
    let mut setup = vec![
        ("cores".to_owned(), cores),
        ("memory".to_owned(), memory().unwrap_or_else(|| "unknown".into())),
        // What follows the first hyphen is the name of whoever built it.
        ("kernel".to_owned(), said("uname", &["-sr"]).split('-').next().unwrap_or_default().to_owned()),
        ("file system".to_owned(), said("stat", &["-f", "-c", "%T", &folder.display().to_string()])),
        ("replank".to_owned(), said(&tools.replank.display().to_string(), &["--version"])),
        ("rustc".to_owned(), said("rustc", &["--version"])),
        ("cp".to_owned(), said("cp", &["--version"])),
        ("Python".to_owned(), said(&python, &["--version"])),
    ];
    let peers = Peer::ALL.into_iter().filter(|peer| !matches!(peer, Peer::Jinja2Whole | Peer::Jinja2Yaml));
    setup.extend(peers.filter_map(|peer| Some((peer.program().to_owned(), peer.found(tools)?))));
    setup
}

fn memory() -> Option<String> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(format!("{} GiB", (kibibytes + (1 << 19)) >> 20))
}

/// The first line that a program prints.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("not found").to_owned()
}
