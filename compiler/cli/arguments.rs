//! The command line: words to types, and the help pages.
//!
//! Knows clap. Does not know what the commands do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::diag::render;

const EXIT_CODES: &str = "\
Exit codes:
   0  done
   1  the machine failed us (files, permissions), or writing would lose what others wrote
   2  diff --exit-code: there are differences
   3  the spec is wrong; for diff, either of them
   4  the spec is right, but no safe plan exists under its policy; for diff, of either
   5  verify, rehearse: the directory is stale or was edited; diff: it holds no plan to compare
   6  rehearse: the plan failed its rehearsal
  64  wrong usage
  70  a bug in replank

Examples:
  replank compile migration.yaml -o plan
  replank verify plan --spec migration.yaml
  replank explain V201";

/// Compile the move of a living Kubernetes cluster into a plan that is proved before it is printed
#[derive(Debug, Parser)]
#[command(name = "replank", version, after_help = EXIT_CODES, term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    /// When to colour what is printed to a terminal; colour never carries meaning alone
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the plan of a spec, and say what changed against the plan already there
    #[command(after_help = "\
Examples:
  replank compile migration.yaml -o plan
  replank compile migration.yaml -o plan --lang zh
  generate-spec | replank compile - -o plan
  replank compile clusters/*.yaml -o plans

The directory is swapped in whole: an interrupted run leaves the previous plan as it was. Files
that replank did not write stay where they are.")]
    Compile(CompileArguments),
    /// Make no files: is there a plan, and is it safe?
    #[command(after_help = "\
Examples:
  replank check migration.yaml
  replank check migration.yaml --format github
  replank check migration.yaml --format sarif 2> replank.sarif

As JSON and SARIF, standard error holds one document and nothing else, whatever happens.")]
    Check(CheckArguments),
    /// Say what changed between two plans: what got worse first, then steps, then each line
    #[command(after_help = "\
Examples:
  replank diff plan migration.yaml
  replank diff git:main:migration.yaml migration.yaml
  replank diff git:origin/main:plan plan --format markdown > comment.md

Each side is a spec, a plan directory, or git:REVISION:PATH, which is read from the repository
without touching the work tree. PATH begins at the top of the repository, or here as ./PATH. With
two specs the edit behind each step is named.")]
    Diff(DiffArguments),
    /// Prove that a plan directory is as replank wrote it, and that it is what a spec compiles to
    #[command(after_help = "\
Examples:
  replank verify plan
  replank verify plan --spec migration.yaml
  replank verify plan --spec migration.yaml --format github

With --spec it belongs into the checks of a pull request: the spec and the plan that it brings
belong together, byte for byte.")]
    Verify(VerifyArguments),
    /// Play a plan for real on this machine alone: real etcd, keepalived and nginx, a host a namespace
    #[cfg(feature = "rehearse")]
    #[command(after_help = "\
Examples:
  replank rehearse plan
  replank rehearse plan --extent complete --report out

Needs Linux, root, and the programs that the plan uses; says what is missing and how to get it. What
cannot run here (k3s, kubectl, docker, systemd) is played by stand-ins that refuse what the real tools
refuse. Nothing outside of the rehearsal is touched, and nothing is left when it ends, also by Ctrl-C.")]
    Rehearse(RehearseArguments),
    /// Show the page of a diagnostic: what it means, why it matters, how to mend it
    #[command(after_help = "\
Examples:
  replank explain V201
  replank explain etcd-loses-quorum")]
    Explain(ExplainArguments),
    /// Print a JSON Schema, for editors and validators
    #[command(after_help = "\
Examples:
  replank schema > migration.schema.json
  replank schema plan")]
    Schema(SchemaArguments),
    /// Print the completions of a shell
    #[command(after_help = "\
Examples:
  replank completions bash > /etc/bash_completion.d/replank")]
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "\
Examples:
  replank man | man -l -")]
    Man,
}

impl Command {
    /// How diagnostics are to be written. Commands without the option have none to write.
    pub fn format(&self) -> render::Format {
        let diagnostics = match self {
            Self::Compile(arguments) => &arguments.diagnostics,
            Self::Check(arguments) => &arguments.diagnostics,
            Self::Verify(arguments) => &arguments.diagnostics,
            #[cfg(feature = "rehearse")]
            Self::Rehearse(_) => return render::Format::Human,
            Self::Diff(_) | Self::Explain(_) | Self::Schema(_) | Self::Completions(_) | Self::Man => return render::Format::Human,
        };
        match diagnostics.format {
            Format::Human => render::Format::Human,
            Format::Short => render::Format::Short,
            Format::Json => render::Format::Json,
            Format::Sarif => render::Format::Sarif,
            Format::Github => render::Format::Github,
        }
    }
}

#[derive(Debug, Args)]
pub struct CompileArguments {
    /// The file to compile; `-` reads standard input. Of several, each plan gets a directory in DIR, called after its migration
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// The directory that holds the plan afterwards; made when it does not exist
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// The languages of the runbook, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LANGUAGES", default_value = "en,zh")]
    pub lang: Vec<Lang>,
    /// Overwrite files that were edited since replank wrote them, and files of others in the way of the plan
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The file to check; `-` reads standard input
    pub spec: PathBuf,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The older plan: a spec, a plan directory, or git:REVISION:PATH
    #[arg(value_name = "A")]
    pub before: String,
    /// The newer plan, in the same way
    #[arg(value_name = "B")]
    pub after: String,
    /// For a terminal, for a comment of a pull request, or for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// The most bytes that a comment may have; what matters most is never left out
    #[arg(long, value_name = "BYTES", default_value_t = crate::diff::show::markdown::BUDGET, value_parser = budget)]
    pub budget: usize,
    /// End with 2 when there are differences
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The plan directory
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Compile this spec, and compare every byte of the directory with the result
    #[arg(long, value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    #[command(flatten)]
    pub diagnostics: Diagnostics,
}

#[cfg(feature = "rehearse")]
#[derive(Debug, Args)]
pub struct RehearseArguments {
    /// The plan directory
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// How much is tried besides playing each step once
    #[arg(long, value_enum, value_name = "EXTENT", default_value_t = Extent::Sampled)]
    pub extent: Extent,
    /// Leave out the team's own steps: hooks may call what no stand-in knows
    #[arg(long)]
    pub skip_hooks: bool,
    /// Where `rehearsal.md` and `rehearsal.json` are written
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub report: PathBuf,
}

#[cfg(feature = "rehearse")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Extent {
    /// Each step as the runbook has it, each row of the ledger compared with the hosts
    Quick,
    /// Also: the first step of each action rolled back and interrupted, a host cut off where the ledger changes
    Sampled,
    /// Also: each step rolled back and interrupted, every host cut off after every step; takes hours
    Complete,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The code or the name of a diagnostic, in any case
    pub code: String,
}

#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// What the schema describes: the spec that people write, plan.json, diagnostics or differences as JSON, or rehearsal.json
    #[arg(value_enum, default_value_t = Subject::Migration)]
    pub subject: Subject,
}

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell that will read them
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Diagnostics {
    /// How diagnostics are printed: excerpts for people, a line each, JSON, SARIF 2.1.0, or annotations of a pull request
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Short,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    En,
    Zh,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    Migration,
    Plan,
    Diagnostic,
    Diff,
    #[cfg(feature = "rehearse")]
    Rehearsal,
}

/// In less, not even what a reviewer must not miss has its place.
fn budget(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(bytes) if bytes >= 8_000 => Ok(bytes),
        Ok(_) | Err(_) => Err("expected a number of bytes, 8000 or more".to_owned()),
    }
}
