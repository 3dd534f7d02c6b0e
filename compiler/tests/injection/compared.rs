//! A plan with something written into a field beside the plan without it: the same but for that word.
//!
//! Commands are compared as a shell reads them, YAML as a reader of YAML does, other files line by line. Does not judge pages for people; a
//! reader of Markdown does that.

use std::collections::{BTreeMap, BTreeSet};

use replank::pipeline::Compiled;
use serde_json::Value;

use super::payloads::Form;
use super::shell::{Piece, pieces};

/// A word of the shell that holds what was written, as it stands in a command, and what must arrive.
pub type Words = BTreeMap<String, String>;

/// What was there, and what was written instead.
#[derive(Clone, Copy)]
pub struct Edit<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub form: Form,
}

impl Edit<'_> {
    /// Nothing in it means anything to a shell, systemd, nginx or keepalived, wherever it stands.
    pub fn is_plain(self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/,=+@-".contains(&byte);
        !self.to.is_empty() && self.to.bytes().all(plain)
    }

    /// Whether one text is the other with `to` at some of the places of `from`.
    fn explains(self, before: &str, after: &str) -> bool {
        let (mut waiting, mut seen) = (vec![(0, 0)], BTreeSet::new());
        while let Some((left, right)) = waiting.pop() {
            if !seen.insert((left, right)) {
                continue;
            }
            let (rest, new) = (&before[left..], &after[right..]);
            if rest.is_empty() && new.is_empty() {
                return true;
            }
            if !self.from.is_empty() && rest.starts_with(self.from) && new.starts_with(self.to) {
                waiting.push((left + self.from.len(), right + self.to.len()));
            }
            if let (Some(old), Some(same)) = (rest.chars().next(), new.chars().next())
                && old == same
            {
                waiting.push((left + old.len_utf8(), right + same.len_utf8()));
            }
        }
        false
    }

    /// A plain word may lead to others (an address sorts differently, half a timeout is another number); anything else arrives as it is.
    fn allows(self, before: &str, after: &str) -> bool {
        before == after || self.is_plain() || self.explains(before, after)
    }
}

/// What is not as it was. `words` collects what a real shell shall read.
pub fn complaints(before: &Compiled, after: &Compiled, edit: Edit<'_>, words: &mut Words) -> Vec<String> {
    let mut found: Vec<String> =
        after.tree.files.keys().filter(|path| !is_inside(path)).map(|path| format!("a file lies at {path:?}")).collect();
    let (old, new) = (plan(before), plan(after));
    let (old, new) = (commands(&old), commands(&new));
    if old.len() != new.len() || before.tree.files.len() != after.tree.files.len() {
        // Who plays which role is another question; that needs a name, and a name is plain.
        if !edit.is_plain() {
            found.push("there are more or fewer commands or files".to_owned());
        }
        return found;
    }
    for (old, new) in old.iter().zip(&new).filter(|(old, new)| old != new) {
        found.extend(command(old, new, edit, words).err());
    }
    found.extend(files(before, after, edit));
    found
}

fn is_inside(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    path.split('/').all(|part| !part.is_empty() && part.bytes().all(plain) && !part.starts_with(['.', '-']))
}

fn plan(compiled: &Compiled) -> Value {
    serde_json::from_str(&compiled.tree.files["plan.json"]).unwrap()
}

/// The shell of every command of the plan.
pub fn commands(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().into_iter().flatten();
    let lists = steps.flat_map(|step| ["preconditions", "run", "verify", "rollback"].map(|list| step[list].as_array()));
    lists.flatten().flatten().filter_map(|command| command["shell"].as_str()).collect()
}

fn command(old: &str, new: &str, edit: Edit<'_>, words: &mut Words) -> Result<(), String> {
    let wrong = |what: &str| format!("{what}:\n{new}");
    let old = pieces(old).map_err(|error| wrong(&error))?;
    let read = pieces(new).map_err(|error| wrong(&error))?;
    let is_other = |(old, new): (&Piece, &Piece)| match (old, new) {
        (Piece::Literal(old), Piece::Literal(new)) => !edit.allows(old, new),
        (Piece::Active(old), Piece::Active(new)) | (Piece::Operator(old), Piece::Operator(new)) => {
            old != new && !(edit.is_plain() && edit.explains(old, new))
        }
        (Piece::End(..), Piece::End(..)) => false,
        (Piece::Literal(_) | Piece::Active(_) | Piece::Operator(_) | Piece::End(..), _) => true,
    };
    if is_less(&old, &read, edit) || (edit.is_plain() && is_less(&read, &old, edit)) {
        return Ok(());
    }
    if old.len() != read.len() || old.iter().zip(&read).any(is_other) {
        return Err(wrong("the shell reads another command"));
    }
    if edit.is_plain() {
        return Ok(());
    }
    for (at, (before, after)) in old.iter().zip(&read).enumerate() {
        let (Piece::Literal(before), Piece::Literal(after)) = (before, after) else { continue };
        if before == after {
            continue;
        }
        if before != edit.from && !is_said(&read, at) {
            return Err(wrong("what was written is a part of a word, which another program may read"));
        }
        if let Some(Piece::End(start, end)) = read.get(at + 1) {
            words.insert(new[*start..*end].to_owned(), after.clone());
        }
    }
    Ok(())
}

/// Whether something was left out and nothing came: a value that a shell would have to quote is not compared with what runs, and a flag of
/// another name is not the one that a plan looks for.
fn is_less(old: &[Piece], new: &[Piece], edit: Edit<'_>) -> bool {
    let is_same = |old: &Piece, new: &Piece| match (old, new) {
        (Piece::End(..), Piece::End(..)) => true,
        (Piece::Literal(_), Piece::Literal(_)) if edit.is_plain() => true,
        (old, new) => old == new,
    };
    let mut rest = old.iter();
    new.len() < old.len() && new.iter().all(|piece| rest.any(|other| is_same(other, piece)))
}

/// Whether the piece is a word that is only printed.
fn is_said(pieces: &[Piece], at: usize) -> bool {
    let start = pieces[..at].iter().rposition(|piece| matches!(piece, Piece::Operator(_) | Piece::Active(_))).map_or(0, |at| at + 1);
    pieces[start..at].iter().any(|piece| *piece == Piece::Literal("echo".to_owned()))
}

fn files(before: &Compiled, after: &Compiled, edit: Edit<'_>) -> Vec<String> {
    let pairs = artifacts(before).zip(artifacts(after)).filter(|(old, new)| old.1 != new.1);
    pairs.filter_map(|((_, old), (path, new))| file(path, old, new, edit).err().map(|what| format!("{path}: {what}\n{new}"))).collect()
}

/// Path and text of every file that a step installs, in the order of the steps.
pub fn artifacts(compiled: &Compiled) -> impl Iterator<Item = (&str, &str)> {
    compiled.plan.steps.iter().flat_map(|step| {
        let folder = format!("steps/{}/", step.id);
        let below = compiled.tree.files.range(folder.clone()..).map(|(path, text)| (path.as_str(), text.as_str()));
        below.map_while(move |(path, text)| Some((path, path.strip_prefix(&folder)?, text))).filter_map(|(path, name, text)| {
            // Below it stand the steps of which the name begins as this one's.
            (!name.contains('/')).then_some((path, text))
        })
    })
}

fn file(path: &str, old: &str, new: &str, edit: Edit<'_>) -> Result<(), String> {
    if path.ends_with(".yaml") || path.ends_with(".yml") {
        let (old, new) = (documents(old)?, documents(new)?);
        return match old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| is_alike(old, new, edit)) {
            true => Ok(()),
            false => Err("its values are others".to_owned()),
        };
    }
    // A plain word may lead to others: systemd makes a directory below /var/lib by itself, and no other.
    if !edit.is_plain() && old.lines().count() != new.lines().count() {
        return Err("it has more or fewer lines".to_owned());
    }
    match old.lines().zip(new.lines()).find(|(old, new)| !edit.allows(old, new)) {
        Some((_, line)) => Err(format!("{line:?}")),
        None => Ok(()),
    }
}

/// The values of a text of YAML, which may be several documents.
pub fn documents(text: &str) -> Result<Vec<Value>, String> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).map_err(|error| error.to_string())).collect()
}

/// The same shape and types, with what was written at places where it was. Documents inside a text are compared as documents.
fn is_alike(old: &Value, new: &Value, edit: Edit<'_>) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let entry = |((old_key, old), (new_key, new)): ((&String, &Value), (&String, &Value))| {
                edit.allows(old_key, new_key) && is_alike(old, new, edit)
            };
            // Maps with names as keys are sorted by them.
            let pairs_up = old.len() == new.len() && old.iter().zip(new).all(entry);
            pairs_up || (edit.is_plain() && old.len() == new.len())
        }
        (Value::Array(old), Value::Array(new)) => old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_alike(old, new, edit)),
        (Value::String(old), Value::String(new)) if old.contains('\n') && old != new => match (documents(old), documents(new)) {
            (Ok(old), Ok(new)) => old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| is_alike(old, new, edit)),
            (_, _) => edit.allows(old, new),
        },
        (Value::String(old), Value::String(new)) => edit.allows(old, new),
        (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => true,
        // Settings that are free may be of any type: text arrives as that text, and a plain word is what YAML takes it for.
        (Value::Number(_) | Value::Bool(_), Value::String(new)) => new == edit.to || edit.form == Form::Plain,
        (old, new) => old == new || edit.form == Form::Plain,
    }
}
