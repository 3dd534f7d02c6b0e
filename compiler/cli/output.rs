//! Standard output and standard error.
//!
//! A reader that went away (`replank explain V201 | head -1`) is not a failure and never a panic, which is why nothing here is
//! `println!`.

#![allow(clippy::disallowed_methods, reason = "`cli` reads the one variable that may turn colour off")]

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use crate::diag::render::Style;

use super::Exit;
use super::arguments::Color;

pub struct Output {
    style: Style,
    /// What runs, for the report of a bug.
    pub command: String,
    /// Why a result could not be printed.
    lost: RefCell<Option<io::Error>>,
}

impl Output {
    pub fn new(color: Color, command: String) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = match color {
            Color::Always => Style::Colour,
            Color::Never => Style::Plain,
            Color::Auto if io::stderr().is_terminal() && !refused => Style::Colour,
            Color::Auto => Style::Plain,
        };
        Self { style, command, lost: RefCell::new(None) }
    }

    /// How diagnostics are to be shown on standard error.
    pub fn style(&self) -> Style {
        self.style
    }

    /// A result, on standard output. Ends the text with one line break.
    pub fn result(&self, text: &str) {
        if let Err(error) = write(&mut io::stdout().lock(), text) {
            self.lost.replace(Some(error));
        }
    }

    /// Something said about the work, on standard error.
    pub fn notice(&self, text: &str) {
        // Where standard error is gone, there is nobody to tell.
        let _ = write(&mut io::stderr().lock(), text);
    }

    pub fn error(&self, text: &str) {
        self.notice(&format!("error: {text}"));
    }

    /// The exit code, once it is known whether the results arrived: a full disk must not look like success.
    pub fn finish(&self, exit: Exit) -> Exit {
        match self.lost.take() {
            Some(error) if exit == Exit::Done => {
                self.error(&format!("cannot write to standard output: {error}"));
                Exit::Machine
            }
            Some(_) | None => exit,
        }
    }

    pub fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }
}

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    match writeln!(stream, "{}", text.trim_end_matches('\n')).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// For the panic hook and for other threads, which have no `Output`.
pub fn complain(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}
