//! `replank compile` on several specs: a plan for each, in a directory called after its migration.
//!
//! One that fails keeps nobody else's plan back. Does not know how a plan is made.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::pipeline::{self, Compiled, Refusal};
use crate::source::SourceFile;
use crate::write::{self, Force, Outcome};

use super::arguments::CompileArguments;
use super::{Exit, Output, compile, input, progress, report};

/// How many plans are held in memory before they are written: enough to keep every core at work.
const AT_ONCE: usize = 32;

pub fn run(arguments: &CompileArguments, output: &Output) -> Exit {
    let languages = report::languages(&arguments.lang);
    let mut round = Round { arguments, output, written: BTreeMap::new(), counts: Counts::default(), exit: Exit::Done };
    for specs in arguments.specs.chunks(AT_ONCE) {
        let files: Vec<SourceFile> = specs.iter().filter_map(|spec| round.read(spec)).collect();
        let compile = || files.par_iter().map(|file| pipeline::compile(file, &languages)).collect::<Vec<_>>();
        let compiled = progress::while_working(output, "several specs", compile);
        let plans: Vec<_> = files.iter().zip(compiled).filter_map(|(file, compiled)| round.take(file, compiled)).collect();
        round.write(&plans);
    }
    output.result(&round.counts.to_string());
    round.exit
}

#[derive(Default)]
struct Counts {
    written: usize,
    unchanged: usize,
    failed: usize,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { written, unchanged, failed } = self;
        write!(
            formatter,
            "{}: {written} written, {unchanged} unchanged, {failed} without a new plan",
            report::counted(written + unchanged + failed, "spec")
        )
    }
}

struct Round<'a> {
    arguments: &'a CompileArguments,
    output: &'a Output,
    /// Directories that are taken, and by which spec.
    written: BTreeMap<String, String>,
    counts: Counts,
    exit: Exit,
}

impl Round<'_> {
    fn read(&mut self, spec: &std::path::Path) -> Option<SourceFile> {
        input::read(spec, self.output).map_err(|exit| self.fail(exit)).ok()
    }

    fn fail(&mut self, exit: Exit) {
        self.counts.failed += 1;
        self.exit = self.exit.or_worse(exit);
    }

    /// The plan of a spec, and the directory that it shall have.
    fn take(&mut self, file: &SourceFile, compiled: Result<Compiled, Refusal>) -> Option<(PathBuf, Compiled)> {
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(refusal) => {
                let exit = report::refusal(&refusal, file, self.output);
                self.fail(exit);
                return None;
            }
        };
        report::findings(&compiled.warnings, file, self.output);
        let name = compiled.migration.name.to_string();
        if let Some(other) = self.written.get(&name) {
            self.output.error(&format!("`{}` and `{other}` are both the migration `{name}`: the second has no directory", file.name()));
            self.fail(Exit::Usage);
            return None;
        }
        let directory = self.arguments.output.join(&name);
        self.written.insert(name, file.name().to_owned());
        Some((directory, compiled))
    }

    fn write(&mut self, plans: &[(PathBuf, Compiled)]) {
        let force = if self.arguments.force { Force::Yes } else { Force::No };
        let trees: Vec<_> = plans.iter().map(|(directory, compiled)| (directory.clone(), &compiled.tree)).collect();
        for ((directory, compiled), outcome) in plans.iter().zip(write::replace_each(&trees, force)) {
            let done = match outcome {
                Ok(Outcome::Unchanged) => {
                    self.counts.unchanged += 1;
                    "unchanged".to_owned()
                }
                Ok(Outcome::Written(written)) => {
                    self.counts.written += 1;
                    written.replaced.map_or("written".to_owned(), |replaced| format!("written, files: {}", replaced.changes))
                }
                Err(error) => {
                    let exit = compile::failure(&error, self.output);
                    self.fail(exit);
                    continue;
                }
            };
            let verdict = report::verdict(&compiled.plan, &compiled.ledger).replace('\n', "; ");
            self.output.result(&format!("{}: {done}\n  {verdict}", directory.display()));
        }
    }
}
