//! The rooms of the compiler one by one: how long each takes, and the most memory that the process had meanwhile.
//!
//! Walks as `compiler/pipeline.rs` does, with a measure between any two rooms. Runs in a process of its own for each spec: memory
//! that an earlier spec has freed would not be asked of the kernel again.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use replank::diag::Findings;
use replank::render::{self, Input, Language, digest};
use replank::source::SourceFile;
use replank::{lower, model, plan, spec, verify, write};

use crate::results::{Room, Rooms};

/// Carries a spec through all rooms, and leaves the plan in `output`, where nothing may lie yet.
///
/// # Errors
/// Where the spec is refused, or the disk is.
pub fn measure(spec_path: &Path, output: &Path) -> Result<Rooms, Box<dyn Error>> {
    let source = SourceFile::new(spec_path.display().to_string(), fs::read_to_string(spec_path)?);
    let mut rooms = Rooms::default();
    let document = rooms.timed("parse", || spec::read(&source))?.map_err(|found| refused(&found))?;
    let (migration, _) = rooms.timed("resolve", || model::resolve(&document))?.map_err(|found| refused(&found))?;
    let plan = rooms.timed("plan", || plan::plan(&migration))?.map_err(|found| refused(&found))?;
    let (ledger, mut found) = rooms.timed("verify", || verify::judge(&migration, &plan))?;
    let lowered = rooms.timed("lower", || {
        found.extend(lower::examine(&migration, &plan, &ledger));
        lower::lower(&migration, &plan, &ledger)
    })?;
    if found.has_errors() {
        return Err(refused(&found).into());
    }
    let languages = [Language::English, Language::Chinese];
    let input = Input { source: &source, migration: &migration, plan: &plan, ledger: &ledger, lowered: &lowered, languages: &languages };
    let tree = rooms.timed("render", || render::render(&input))?.map_err(|error| error.0)?;
    // Rendering ends with the digests: this is the same work once more, to know its part.
    let sums = rooms.timed("hash", || digest::sums(&tree.files))?;
    if tree.files.get(digest::SUMS) != Some(&sums) {
        return Err("the digests of the plan are not those of its files".into());
    }
    rooms.timed("write", || write::replace(output, &tree, write::Force::No))?.map_err(|error| error.to_string())?;
    rooms.files = tree.files.len();
    rooms.bytes = tree.files.values().map(String::len).sum();
    Ok(rooms)
}

impl Rooms {
    fn timed<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> Result<T, Box<dyn Error>> {
        // 5: the kernel sets the peak of this process to what it has now (proc_pid_clear_refs(5)).
        fs::write("/proc/self/clear_refs", "5")?;
        let start = Instant::now();
        let result = work();
        let seconds = start.elapsed().as_secs_f64();
        self.rooms.push(Room { name: name.to_owned(), seconds, peak: peak()? });
        Ok(result)
    }
}

/// The most memory that this process had since the peak was set, in bytes.
fn peak() -> Result<usize, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("/proc/self/status has no VmHWM")?;
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}

fn refused(findings: &Findings) -> String {
    let said: Vec<String> = findings.iter().map(|finding| format!("{:?} {}", finding.code, finding.label.text)).take(3).collect();
    format!("the spec is refused: {}", said.join("; "))
}
