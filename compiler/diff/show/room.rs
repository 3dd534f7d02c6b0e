//! What of a list fits, and what is said of the rest.
//!
//! Knows lengths. Does not know what a line says.

use crate::diff::document::{Fate, StepChange};

/// The lines that fit, in their order, and how many do not: one that is too long does not take away the shorter ones behind it.
pub(super) fn fitting(lines: Vec<String>, room: usize) -> (String, usize) {
    let mut kept = String::new();
    let mut left = 0;
    for line in lines {
        if kept.len() + line.len() > room { left += 1 } else { kept.push_str(&line) }
    }
    (kept, left)
}

/// The last resort of what is never left out: lines as long as they fit, each cut to an eighth of the room. No plan that replank wrote comes to this.
pub(super) fn capped(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let cut = |line: &str| match line.char_indices().nth(room / 8) {
        Some((end, _)) => format!("{}…\n", line.get(..end).unwrap_or(line)),
        None => format!("{line}\n"),
    };
    let (kept, left) = fitting(text.lines().map(cut).collect(), room);
    format!("{kept}{}", left_out(left, ["line", "lines"]))
}

/// Whether a row is left out before others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    More,
    Less,
}

/// Steps that come, go or move are worth more than those that change.
pub(super) fn worth(step: &StepChange) -> Worth {
    match step.fate {
        Fate::Added | Fate::Removed | Fate::Moved => Worth::More,
        Fate::Changed | Fate::Renamed => Worth::Less,
    }
}

/// Rows in their order, those that are worth less only where the others leave room; and how many were left out.
pub(super) fn by_worth(rows: Vec<(Worth, String)>, room: usize) -> (String, usize) {
    let taken: usize = rows.iter().filter(|(worth, _)| *worth == Worth::More).map(|(_, row)| row.len()).sum();
    let mut rooms = (room.min(taken), room.saturating_sub(taken));
    let (mut kept, mut left) = (String::new(), 0);
    for (worth, row) in rows {
        let room = if worth == Worth::More { &mut rooms.0 } else { &mut rooms.1 };
        if row.len() <= *room {
            *room -= row.len();
            kept.push_str(&row);
        } else {
            left += 1;
        }
    }
    (kept, left)
}

pub(super) fn left_out(count: usize, [one, many]: [&str; 2]) -> String {
    match count {
        0 => String::new(),
        1 => format!("\n_Left out: 1 {one}; the command at the end shows it._\n"),
        _ => format!("\n_Left out: {count} {many}; the command at the end shows them._\n"),
    }
}
