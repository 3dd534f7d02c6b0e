//! One line on a terminal when compiling takes longer than a second, so that nobody wonders.
//!
//! Waits in a thread of its own; nothing reads a clock.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::diag::render::Format;

use super::Output;
use super::output::say;

const PATIENCE: Duration = Duration::from_secs(1);

/// Does the work, and says on standard error that it goes on when it takes long and a person is watching.
pub fn while_working<T>(output: &Output, name: &str, work: impl FnOnce() -> T) -> T {
    if output.format() != Format::Human || !output.is_watched() {
        return work();
    }
    let (done, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                say(&format!("compiling {name} …"));
            }
        });
        let result = work();
        drop(done);
        result
    })
}
