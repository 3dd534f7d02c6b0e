//! Standard output and standard error.
//!
//! Where diagnostics are a document, it is all that standard error gets: what is said besides is kept for its notices, and it is
//! written when the run ends. So `2> replank.sarif` holds a whole document, whatever happened.
//!
//! A reader that went away (`replank explain V201 | head -1`) is not a failure and never a panic, which is why nothing here is
//! `println!`.

#![allow(clippy::disallowed_methods, reason = "`cli` reads the one variable that may turn colour off")]

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use crate::diag::Findings;
use crate::diag::render::{Format, Notice, Report, Style, Weight, annotation};
use crate::source::SourceFile;

use super::arguments::Color;
use super::{Exit, pages};

/// A text with what was found in it.
pub type Part = (SourceFile, Findings);

pub struct Output {
    format: Format,
    style: Style,
    /// What runs, for the report of a bug.
    pub command: String,
    /// Why a result could not be printed.
    lost: RefCell<Option<io::Error>>,
    /// What waits for the document.
    kept: RefCell<(Vec<Part>, Vec<Notice>)>,
}

impl Output {
    pub fn new(color: Color, format: Format, command: String) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = match color {
            Color::Always => Style::Colour,
            Color::Never => Style::Plain,
            Color::Auto if io::stderr().is_terminal() && !refused => Style::Colour,
            Color::Auto => Style::Plain,
        };
        Self { format, style, command, lost: RefCell::new(None), kept: RefCell::default() }
    }

    /// How diagnostics are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// A result, on standard output. Ends the text with one line break.
    pub fn result(&self, text: &str) {
        if let Err(error) = write(&mut io::stdout().lock(), text) {
            self.lost.replace(Some(error));
        }
    }

    /// What was found, on standard error. Each run says it once.
    pub fn findings(&self, parts: Vec<Part>) {
        match self.format {
            Format::Json | Format::Sarif => self.kept.borrow_mut().0.extend(parts),
            Format::Human | Format::Short | Format::Github => {
                let report = Report::of(parts.iter().map(|(source, findings)| (source, findings)).collect());
                say(&report.render(self.format, self.style));
            }
        }
    }

    /// Something said about the work, on standard error.
    pub fn notice(&self, text: &str) {
        self.remark(Weight::Note, text, text);
    }

    /// A failure that no finding tells: among annotations it is one.
    pub fn error(&self, text: &str) {
        match self.format {
            Format::Github => say(&annotation(text)),
            Format::Human | Format::Short | Format::Json | Format::Sarif => self.conclusion(text),
        }
    }

    /// What the findings before it add up to. It is no annotation: of these a forge shows a few, and the findings need the place.
    pub fn conclusion(&self, text: &str) {
        self.remark(Weight::Error, text, &format!("error: {text}"));
    }

    fn remark(&self, weight: Weight, text: &str, line: &str) {
        match self.format {
            Format::Json | Format::Sarif => self.kept.borrow_mut().1.push(Notice { weight, text: text.to_owned() }),
            Format::Human | Format::Short | Format::Github => say(line),
        }
    }

    /// The exit code, once it is known whether the results arrived: a full disk must not look like success. Writes the document.
    pub fn finish(&self, exit: Exit) -> Exit {
        let exit = match self.lost.take() {
            Some(error) if exit == Exit::Done => {
                self.error(&format!("{LOST}: {error}"));
                Exit::Machine
            }
            Some(_) | None => exit,
        };
        match self.format {
            Format::Json | Format::Sarif => self.document(exit),
            Format::Human | Format::Short | Format::Github => {}
        }
        exit
    }

    fn document(&self, exit: Exit) {
        let (parts, notices) = self.kept.take();
        let parts = parts.iter().map(|(source, findings)| (source, findings)).collect();
        let report = Report { parts, notices: &notices, could_work: exit.could_work(), exit_code: exit.code(), page: pages::page };
        say(&report.render(self.format, self.style));
    }

    pub fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }
}

/// Help and version are results; everything else is wrong usage.
pub fn usage(error: &clap::Error) -> Exit {
    let printed = error.print().and_then(|()| io::stdout().flush());
    match printed {
        _ if error.use_stderr() => Exit::Usage,
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("error: {LOST}: {error}"));
            Exit::Machine
        }
        Ok(()) | Err(_) => Exit::Done,
    }
}

const LOST: &str = "cannot write to standard output";

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    // GitHub's runner takes `##[…]` for a command anywhere in a line of a log (actions/runner, ActionCommand.cs), also in the name of a file
    // or a line of a spec. To whoever reads JSON the escape is the same character.
    let text = text.trim_end_matches('\n').replace("##[", "##\\u005b");
    match writeln!(stream, "{text}").and_then(|()| stream.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// For the panic hook and for other threads, which have no `Output`. Where standard error is gone, there is nobody to tell.
pub fn say(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}
