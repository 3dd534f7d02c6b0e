//! When nothing succeeded, and what was going on then.
//!
//! A gap belongs to what was going on just after it began. Does not know what was tried.

use std::time::{SystemTime, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::Serialize;

use super::witness::{Change, Seen};

/// What the rehearsal does at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// The step as the runbook has it.
    Play,
    /// The step interrupted, undone or done again.
    Undo,
    /// A machine cut off, and put back.
    Cut,
    /// Before the first step, and after the last.
    Rest,
}

/// The rehearsal's diary: what began when.
#[derive(Debug, Clone, Default)]
pub struct Diary(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    began: f64,
    step: String,
    activity: Activity,
}

/// A time without success.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Gap {
    pub seconds: f64,
    /// The step that was going on when it began.
    pub step: String,
    pub activity: Activity,
}

impl Diary {
    pub fn begin(&mut self, step: &str, activity: Activity) {
        self.0.push(Entry { began: now(), step: step.to_owned(), activity });
    }

    fn at(&self, moment: f64) -> (String, Activity) {
        let entry = self.0.iter().take_while(|entry| entry.began <= moment).last();
        entry.map_or(("(before)".to_owned(), Activity::Rest), |entry| (entry.step.clone(), entry.activity))
    }

    fn gap(&self, began: f64, ended: f64) -> Gap {
        // The last success lies up to one pause between two tries (0.2 s) before what ended the successes.
        let (step, activity) = self.at((began + 0.25).min(ended));
        Gap { seconds: rounded(ended - began), step, activity }
    }

    /// Every pause between two successes, the longest first. What was still missing at the end counts until the end.
    pub fn gaps(&self, seen: &Seen, ended: f64) -> Vec<Gap> {
        let ends = seen.moments.iter().skip(1).copied().chain(std::iter::once(ended));
        sorted(seen.moments.iter().zip(ends).filter(|(began, end)| *end > **began).map(|(began, end)| self.gap(*began, end)))
    }

    /// Every time in which the number of holders was as asked for, the longest first.
    pub fn held_by(&self, changes: &[Change], ended: f64, is_asked_for: impl Fn(usize) -> bool) -> Vec<Gap> {
        let mut holders: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            holders.retain(|host| *host != change.host);
            if change.holds {
                holders.push(&change.host);
            }
            let until = changes.get(index + 1).map_or(ended, |next| next.at);
            // The host that goes reports a moment before or after the one that comes: less than a packet's time is no state.
            if is_asked_for(holders.len()) && until - change.at > 0.001 {
                found.push(self.gap(change.at, until));
            }
        }
        sorted(found.into_iter())
    }
}

fn sorted(gaps: impl Iterator<Item = Gap>) -> Vec<Gap> {
    let mut gaps: Vec<_> = gaps.collect();
    gaps.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    gaps
}

/// Seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// To milliseconds, which is finer than anything here is measured.
pub fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diary() -> Diary {
        let entry = |began, step: &str, activity| Entry { began, step: step.to_owned(), activity };
        Diary(vec![entry(10.0, "a", Activity::Play), entry(20.0, "a", Activity::Cut), entry(30.0, "b", Activity::Play)])
    }

    #[test]
    fn a_gap_belongs_to_what_was_going_on_when_it_began() {
        let seen = Seen { moments: vec![9.0, 9.5, 19.0, 19.5, 21.0, 29.0, 30.5, 39.5], ..Seen::default() };
        let found = diary().gaps(&seen, 40.0).into_iter().map(|gap| (gap.seconds, gap.step, gap.activity)).take(5);
        let expected = [
            (9.5, "(before)", Activity::Rest),
            (9.0, "b", Activity::Play),
            (8.0, "a", Activity::Cut),
            (1.5, "a", Activity::Play),
            (1.5, "a", Activity::Cut),
        ];
        assert!(found.eq(expected.map(|(seconds, step, activity)| (seconds, step.to_owned(), activity))));
    }

    #[test]
    fn a_gap_that_a_cut_causes_belongs_to_the_cut_though_the_last_success_came_before() {
        let seen = Seen { moments: vec![19.85, 29.5], ..Seen::default() };
        let found = diary().gaps(&seen, 29.6);
        assert!(matches!(&found[..], [gap, ..] if gap.activity == Activity::Cut), "{found:?}");
    }

    #[test]
    fn what_never_succeeds_again_is_a_gap_until_the_end() {
        let seen = Seen { moments: vec![31.0], ..Seen::default() };
        let found = diary().gaps(&seen, 40.0);
        assert!(matches!(&found[..], [gap] if gap.seconds == 9.0 && gap.step == "b"), "{found:?}");
    }

    #[test]
    fn two_holders_at_once_are_seen_and_one_after_the_other_is_not() {
        let change = |at, host: &str, holds| Change { at, host: host.to_owned(), holds };
        let changes =
            [change(1.0, "x", true), change(12.0, "y", true), change(14.0, "x", false), change(31.0, "y", false), change(31.5, "x", true)];
        let two = diary().held_by(&changes, 40.0, |count| count > 1);
        assert!(matches!(&two[..], [gap] if gap.seconds == 2.0 && gap.step == "a"), "{two:?}");
        let none = diary().held_by(&changes, 40.0, |count| count == 0);
        assert!(matches!(&none[..], [gap] if gap.seconds == 0.5 && gap.step == "b"), "{none:?}");
    }
}
