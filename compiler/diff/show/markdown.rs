//! The difference of two plans as a comment of a pull request.
//!
//! Code hosts refuse comments that are too long (GitHub: 65,536 characters), so that this one keeps within a budget. What a reviewer must not
//! miss stands first and is never left out, only said more shortly: the verdict, what got worse, accepted risks, destructive steps. The rest
//! fills what remains, in the order in which it matters, and says what was left out.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::inert::{code, fenced, prose, shortened};
use super::phrase;
use super::room::{Worth, by_worth, capped, fitting, left_out, worth};
use crate::diff::document::{
    ArtifactChange, ColumnChange, Concern, DiffDocument, Edit, Fact, Fate, Finding, PartChange, RowChange, StepChange, WordChange,
};

/// Bytes at most. Below GitHub's limit by what a workflow may put around it; bytes, because who counts characters is not told.
pub const BUDGET: usize = 60_000;

/// Bytes kept for the end, and for the sentences that say what was left out.
const RESERVE: usize = 1_500;

/// Up to this size details stand unfolded: who has one screen to read need not open anything.
const SHORT: usize = 1_200;

/// The comment, within `budget` bytes. `command` shows the same without a limit.
pub fn comment(diff: &DiffDocument, budget: usize, command: &str) -> String {
    let mut text = capped(&head(diff), budget / 2);
    let room = |text: &str| budget.saturating_sub(RESERVE).saturating_sub(text.len());
    let steps_by_id: BTreeMap<&str, &StepChange> = diff.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let item = |finding: &Finding| {
        let step = finding.step.as_deref().and_then(|id| steps_by_id.get(id)).filter(|step| !step.edits.is_empty());
        item(finding, step.map(|step| phrase::because(diff, step)))
    };
    let worse: Vec<Item> = diff.regressions.iter().map(item).collect();
    let worse = section("Worse than before", &worse, room(&text) / 2, Shorten::Names);
    text.push_str(&worse);
    let destructive: Vec<Item> = phrase::destructive(diff).map(|step| taken(diff, step)).collect();
    let destructive = section("Destructive steps that are new, changed or moved", &destructive, room(&text), Shorten::Names);
    text.push_str(&destructive);
    for (title, findings) in [("Accepted for another reason", &diff.reworded), ("Better than before", &diff.improvements)] {
        let items: Vec<Item> = findings.iter().map(item).collect();
        let shown = section(title, &items, room(&text) / 4, Shorten::Leave);
        text.push_str(&shown);
    }
    text.push_str(&edits(diff.edits.as_deref().unwrap_or_default(), room(&text) / 4));
    let steps = steps(diff, room(&text) / 2);
    text.push_str(&steps);
    let ledger = ledger(&diff.ledger, room(&text) / 2);
    text.push_str(&ledger);
    let facts = facts(diff, room(&text) / 2);
    text.push_str(&facts);
    let words = words(diff, room(&text) / 2);
    text.push_str(&words);
    let contents = contents(diff, room(&text));
    text.push_str(&contents);
    let _ = write!(text, "\n<sub>All of it: {}</sub>\n", code(&command.chars().take(COMMAND).collect::<String>()));
    text
}

/// Characters of the command that are shown: somebody's paths may have any length. In UTF-8 they fit into what is kept for the end.
const COMMAND: usize = 300;

/// One entry of a list: how it reads, what it is about, and at which step.
struct Item {
    line: String,
    kind: String,
    step: Option<String>,
}

/// What becomes of a list that is too long.
#[derive(Clone, Copy)]
enum Shorten {
    /// Nothing is left out: entries become names of steps, and those become numbers of each phase, under what they are about.
    Names,
    /// The rest is counted.
    Leave,
}

fn head(diff: &DiffDocument) -> String {
    let mut text = format!("<!-- replank diff: {} -->\n### Plan `{}`: {}\n\n", diff.migration, diff.migration, phrase::headline(diff));
    text.push_str("| | before | after |\n| --- | --- | --- |\n");
    for (name, before, after) in phrase::verdict(diff) {
        let after = if before == after { prose(&after) } else { format!("**{}**", prose(&after)) };
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "| {name} | {} | {} |", prose(&before), after);
    }
    for sentence in phrase::edited(diff) {
        let _ = writeln!(text, "\n**{}.**", prose(&sentence));
    }
    let renamed = phrase::renamed(diff);
    if let Some(rest) = renamed.len().checked_sub(RENAMED).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "\n{}; and {rest} more.", renamed.iter().take(RENAMED).map(String::as_str).collect::<Vec<_>>().join("; "));
    } else if !renamed.is_empty() {
        let _ = writeln!(text, "\n{}.", renamed.join("; "));
    }
    text
}

/// How many machines with another name or address are named.
const RENAMED: usize = 10;

fn item(finding: &Finding, because: Option<String>) -> Item {
    let because = because.map(|because| format!(" — {because}"));
    let text = prose(&finding.text) + &because.unwrap_or_default();
    let line = match &finding.step {
        Some(step) => format!("{}: {text}", code(step)),
        None => text,
    };
    let kind = match finding.kind {
        // `accepted: etcd-no-tolerance (…)`
        Concern::AcceptedRisk => format!("⚠ {}", prose(finding.text.split(" (").next().unwrap_or_default())),
        Concern::Policy => "policy".to_owned(),
        Concern::Address => "addresses".to_owned(),
        Concern::SurvivesAnyOneHost => "a machine that must not fail".to_owned(),
        Concern::EtcdTolerance => "etcd tolerance".to_owned(),
        Concern::FatalHosts => "must not fail".to_owned(),
        Concern::NoWayBack => "no way back".to_owned(),
        Concern::VirtualIpGap => "gap of the virtual IP".to_owned(),
        Concern::SchedulableNodes => "nodes for pods".to_owned(),
        Concern::ApplicationVolumes => "volumes".to_owned(),
        Concern::ApiServers => "API servers".to_owned(),
        Concern::OwnStep => "the team's own steps".to_owned(),
    };
    let line = if finding.kind == Concern::AcceptedRisk { format!("⚠ {line}") } else { line };
    Item { line, kind, step: finding.step.clone() }
}

fn taken(diff: &DiffDocument, step: &StepChange) -> Item {
    let end = if step.no_way_back { ", **no way back**" } else { "" };
    let word = match step.fate {
        Fate::Added => "new",
        Fate::Removed => "gone",
        Fate::Changed => "changed",
        Fate::Moved => "moved",
        Fate::Renamed => "**with other names or addresses**",
    };
    let line = format!("{} ({word}): {}{end} — {}", code(&step.id), prose(&step.title.en), prose(&phrase::because(diff, step)));
    Item { line, kind: word.to_owned(), step: Some(step.id.clone()) }
}

fn section(title: &str, items: &[Item], room: usize, shorten: Shorten) -> String {
    if items.is_empty() {
        return String::new();
    }
    let head = format!("\n**{title}**\n\n");
    let lines: Vec<String> = items.iter().map(|item| format!("- {}\n", item.line)).collect();
    if head.len() + lines.iter().map(String::len).sum::<usize>() <= room {
        return head + &lines.concat();
    }
    match shorten {
        Shorten::Leave => {
            let (kept, left) = fitting(lines, room.saturating_sub(head.len()));
            format!("{head}{kept}{}", left_out(left, ["more", "more"]))
        }
        Shorten::Names => {
            let step = |item: &Item| item.step.as_deref().map_or_else(|| item.line.clone(), code);
            let names = grouped(items, |group| group.iter().map(|item| step(item)).collect::<Vec<_>>().join(", "));
            let text = format!("{head}{names}");
            if text.len() <= room { text } else { format!("{head}{}", capped(&grouped(items, by_phase), room.saturating_sub(head.len()))) }
        }
    }
}

/// A line for each thing that entries are about, with their number.
fn grouped(items: &[Item], shown: impl Fn(&[&Item]) -> String) -> String {
    let mut groups: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    items.iter().for_each(|item| groups.entry(&item.kind).or_default().push(item));
    groups.into_iter().map(|(kind, group)| format!("- {kind}, {}: {}\n", group.len(), shown(&group))).collect()
}

/// `30-grow-etcd`: 12, `90-clean-up`: 400.
fn by_phase(items: &[&Item]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items {
        let phase = item.step.as_deref().and_then(|step| step.split('/').next()).unwrap_or("the whole plan");
        *counts.entry(phase).or_default() += 1;
    }
    counts.into_iter().map(|(phase, count)| format!("{}: {count}", code(phase))).collect::<Vec<_>>().join(", ")
}

/// How much of an edit is shown, if there is room: lines of each side, and characters of each line.
const SHOWN: [(usize, usize); 2] = [(12, 300), (2, 100)];

/// Every edit is named by its line, as far as there is room at all. Of long ones a part is shown, so that none hides the others.
fn edits(edits: &[Edit], room: usize) -> String {
    if edits.is_empty() {
        return String::new();
    }
    let (mut kept, mut rest) = (String::new(), Vec::new());
    let mut names: usize = edits.iter().map(|edit| named(edit).len()).sum();
    for edit in edits {
        let left = room.saturating_sub(kept.len() + names);
        match SHOWN.iter().map(|(lines, characters)| shown(edit, *lines, *characters)).find(|block| block.len() <= left) {
            Some(block) => {
                kept.push_str(&block);
                names -= named(edit).len();
            }
            None => rest.push(named(edit)),
        }
    }
    let (places, left) = fitting(rest, room.saturating_sub(kept.len()));
    let places = if places.is_empty() { places } else { format!("Only named here:\n\n{places}") };
    format!("\n**Edits of the spec**\n\n{kept}{places}{}", left_out(left, ["edit of the spec", "edits of the spec"]))
}

fn named(edit: &Edit) -> String {
    format!("- {}: {}\n", edit.place(), edit.consequence())
}

fn shown(edit: &Edit, lines: usize, characters: usize) -> String {
    let side = |mark: char, all: &[String]| {
        let line = |line: &String| match line.char_indices().nth(characters) {
            Some((end, _)) => format!("{mark}{}…\n", line.get(..end).unwrap_or_default()),
            None => format!("{mark}{line}\n"),
        };
        let more = all.len().checked_sub(lines).filter(|more| *more > 0);
        let more = more.map(|more| format!("{mark} and {} …\n", phrase::counted(more, "more line")));
        all.iter().take(lines).map(line).chain(more).collect::<String>()
    };
    let text = side('-', &edit.removed) + &side('+', &edit.added);
    format!("{}: {}\n\n{}", capital(&edit.place()), edit.consequence(), fenced(&text))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn steps(diff: &DiffDocument, room: usize) -> String {
    if diff.steps.is_empty() {
        return String::new();
    }
    let row = |step: &StepChange| {
        let what = phrase::what(step);
        let what = if what.is_empty() { step.title.en.clone() } else { what };
        let was = step.was.as_ref().map(|was| format!(" (was `{was}`)")).unwrap_or_default();
        format!("| {} | {}{was} | {} | {} |\n", phrase::mark(step.fate), code(&step.id), prose(&what), prose(&phrase::because(diff, step)))
    };
    let head = format!("\n**Steps** ({} unchanged)\n\n| | step | what | because of |\n| --- | --- | --- | --- |\n", diff.unchanged_steps);
    let rows: Vec<(Worth, String)> = phrase::told(diff).map(|step| (worth(step), row(step))).collect();
    let table = if rows.is_empty() { String::new() } else { head };
    let (kept, left) = by_worth(rows, room.saturating_sub(table.len()));
    let same: Vec<String> = phrase::only_renamed(diff).map(|step| format!("`{}`", step.id)).collect();
    let same = match same.join(", ") {
        names if names.is_empty() => names,
        names if names.len() < room / 4 => format!("\nThe same but for the new name or address: {names}.\n"),
        _ => format!("\nThe same but for the new name or address: {}.\n", phrase::counted(same.len(), "step")),
    };
    format!("{table}{kept}{}{same}", left_out(left, ["step that changed", "steps that changed"]))
}

fn ledger(rows: &[RowChange], room: usize) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let lines = rows.iter().map(|row| {
        // Named once for all of its columns.
        let steps = std::iter::once(phrase::steps(&row.steps)).chain(std::iter::repeat(String::new()));
        let line = |(steps, change): (String, &ColumnChange)| {
            format!("| {steps} | {} | {} | {} |\n", change.column, prose(&change.before), prose(&change.after))
        };
        let columns = steps.zip(&row.columns).map(line);
        columns.collect::<String>()
    });
    let head = "| after | column | before | after |\n| --- | --- | --- | --- |\n";
    let (kept, left) = fitting(lines.collect(), room.saturating_sub(head.len() + 200));
    let body = format!("{head}{kept}{}", left_out(left, ["row", "rows"]));
    let count: usize = rows.iter().map(|row| row.steps.len()).sum();
    folded(&format!("Ledger: {} of steps in both plans differ", phrase::counted(count, "row")), &body)
}

/// What new names and addresses change: where one is part of a path, the path may mean something else.
fn words(diff: &DiffDocument, room: usize) -> String {
    if diff.words.is_empty() {
        return String::new();
    }
    let line = |word: &WordChange| {
        let same = word.from.chars().zip(word.to.chars()).take_while(|(from, to)| from == to).count();
        // A list of all members is one word: what is shown begins shortly before the change.
        let skipped = same.saturating_sub(WORD / 4);
        let cut = |word: &str| code(&ellipsis(skipped).into_iter().chain(word.chars().skip(skipped).take(WORD)).collect::<String>());
        format!("| {} | {} | {} |\n", cut(&word.from), cut(&word.to), word.steps)
    };
    let head = "| before | after | steps |\n| --- | --- | ---: |\n";
    let (kept, left) = fitting(diff.words.iter().map(line).collect(), room.saturating_sub(head.len() + 200));
    folded(
        &format!("Words with other names or addresses: {}", diff.words.len()),
        &format!("{head}{kept}{}", left_out(left, ["word", "words"])),
    )
}

/// Letters of such a word that are shown.
const WORD: usize = 120;

fn ellipsis(skipped: usize) -> Option<char> {
    (skipped > 0).then_some('…')
}

/// What `plan.json` says besides steps. Between specs, the edits say the same in the user's words.
fn facts(diff: &DiffDocument, room: usize) -> String {
    if diff.facts.is_empty() || diff.edits.as_ref().is_some_and(|edits| !edits.is_empty()) {
        return String::new();
    }
    let value = |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "(nothing)".to_owned(), ToString::to_string);
    let line = |fact: &Fact| format!("| {} | {} | {} |\n", code(&fact.pointer), prose(&value(&fact.before)), prose(&value(&fact.after)));
    let head = "| in `plan.json` | before | after |\n| --- | --- | --- |\n";
    let (kept, left) = fitting(diff.facts.iter().map(line).collect(), room.saturating_sub(head.len() + 200));
    folded(
        &format!("Cluster and machines: {}", phrase::counted(diff.facts.len(), "difference")),
        &format!("{head}{kept}{}", left_out(left, ["difference", "differences"])),
    )
}

/// The changed lines of steps and artifacts.
fn contents(diff: &DiffDocument, room: usize) -> String {
    let part = |step: &StepChange, change: &PartChange| {
        format!("{}, {}:\n\n{}\n", code(&step.id), phrase::part(change.part), fenced(&shortened(&change.diff)))
    };
    let parts: Vec<String> = diff.steps.iter().flat_map(|step| step.parts.iter().map(move |change| part(step, change))).collect();
    let paths: usize = diff.artifacts.iter().map(|change| change.paths.len()).sum();
    let sections = [
        (format!("Commands and words: {}", phrase::counted(parts.len(), "change")), ["change", "changes"], parts),
        (format!("Files: {paths}"), ["group of files", "groups of files"], diff.artifacts.iter().map(artifact).collect()),
    ];
    let mut rest = room.saturating_sub(300);
    let mut text = String::new();
    for (title, nouns, blocks) in sections {
        if blocks.is_empty() {
            continue;
        }
        let (kept, left) = fitting(blocks, rest);
        rest = rest.saturating_sub(kept.len() + 300);
        let left = left_out(left, nouns);
        text.push_str(&if kept.is_empty() { format!("\n{title}.\n{left}") } else { folded(&title, &format!("{kept}{left}")) });
    }
    text
}

fn artifact(change: &ArtifactChange) -> String {
    let ArtifactChange { fate, paths, diff } = change;
    let word = match fate {
        Fate::Added => "new",
        Fate::Removed => "gone",
        Fate::Changed | Fate::Moved | Fate::Renamed => "changed",
    };
    let first = paths.first().map_or("", String::as_str);
    let rest = match paths.len() {
        0 | 1 => String::new(),
        count => format!(" and {} in the same lines", phrase::counted(count - 1, "other")),
    };
    format!("{}{rest} ({word}):\n\n{}\n", code(first), fenced(&shortened(diff)))
}

fn folded(summary: &str, body: &str) -> String {
    let open = if body.len() <= SHORT { " open" } else { "" };
    format!("\n<details{open}><summary>{summary}</summary>\n\n{body}\n</details>\n")
}
