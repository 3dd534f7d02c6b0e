//! Standard output and standard error.
//!
//! A reader that went away (`replank explain V201 | head -1`) is not a failure and never a panic, which is why nothing here is
//! `println!`.

#![allow(clippy::disallowed_methods, reason = "`cli` reads the one variable that may turn colour off")]

use std::io::{self, IsTerminal, Write};

use crate::diag::render::Style;

use super::arguments::Color;

pub struct Output {
    style: Style,
    /// What runs, for the report of a bug.
    pub command: String,
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
        Self { style, command }
    }

    /// How diagnostics are to be shown on standard error.
    pub fn style(&self) -> Style {
        self.style
    }

    /// A result, on standard output. Ends the text with one line break.
    pub fn result(&self, text: &str) {
        write(&mut io::stdout().lock(), text);
    }

    /// Something said about the work, on standard error.
    pub fn notice(&self, text: &str) {
        write(&mut io::stderr().lock(), text);
    }

    pub fn error(&self, text: &str) {
        self.notice(&format!("error: {text}"));
    }

    pub fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }
}

fn write(stream: &mut impl Write, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(stream, "{}", text.trim_end_matches('\n')).and_then(|()| stream.flush());
    }
}

/// For the panic hook, which has no `Output`.
pub fn complain(text: &str) {
    write(&mut io::stderr().lock(), text);
}
