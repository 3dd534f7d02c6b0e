//! Reading the spec.
//!
//! The only place that reads a file which the user names as input. Says what is wrong with it as a file; what is wrong with its
//! content is for others to say.

#![allow(clippy::disallowed_methods, reason = "`cli` reads the spec")]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::source::{STANDARD_INPUT, SourceFile};

use super::{Exit, Output};

/// A spec of ten thousand machines is about a megabyte. What is larger than this was named by mistake.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The spec's text under the name that the user typed. What is wrong has been said when this fails.
pub fn read(path: &Path, output: &Output) -> Result<SourceFile, Exit> {
    let is_standard_input = path == Path::new("-");
    let name = if is_standard_input { STANDARD_INPUT.to_owned() } else { path.display().to_string() };
    let bytes = if is_standard_input { limited(io::stdin().lock()) } else { File::open(path).and_then(from_file) };
    let bytes = bytes.map_err(|error| {
        output.error(&format!("cannot read `{name}`: {error}"));
        Exit::Machine
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(name, text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
            output.error(&format!("`{name}` is not UTF-8 text: line {line}, byte {} of the file", valid + 1));
            Err(Exit::Spec)
        }
    }
}

fn from_file(file: File) -> io::Result<Vec<u8>> {
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory, and a spec is one file"));
    }
    limited(file)
}

fn limited(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("it is larger than {} MiB, which no spec is", LIMIT >> 20)));
    }
    Ok(bytes)
}
