//! The same work on each of many files, on two threads: a disk's cache answers both at once.
//!
//! Keeps the order, and the first error of it. Does not know what the work is.

use std::panic::resume_unwind;
use std::thread;

/// A thread costs as much as a few dozen files.
const MANY: usize = 1024;

pub(super) fn each<T: Sync, R: Send, E: Send>(items: &[T], work: impl Fn(&T) -> Result<R, E> + Sync) -> Result<Vec<R>, E> {
    if items.len() < MANY {
        return items.iter().map(work).collect();
    }
    let (front, back) = items.split_at(items.len() / 2);
    let do_back = || back.iter().map(&work).collect::<Result<Vec<R>, E>>();
    thread::scope(|scope| {
        // Where the system has no thread left, the work is done one half after the other.
        let other = thread::Builder::new().spawn_scoped(scope, do_back);
        let front: Result<Vec<R>, E> = front.iter().map(&work).collect();
        let back = match other {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => do_back(),
        };
        let mut done = front?;
        done.extend(back?);
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_and_the_first_error_is_told() {
        let numbers: Vec<usize> = (0..3 * MANY).collect();
        assert_eq!(each(&numbers, |number| Ok::<_, ()>(*number)), Ok(numbers.clone()));
        let refuse = |number: &usize| if [5, 2 * MANY].contains(number) { Err(*number) } else { Ok(()) };
        assert_eq!(each(&numbers, refuse), Err(5));
    }
}
