//! Machines that are called otherwise, and machines that are found elsewhere.
//!
//! A step's identity holds its machine's name, so that a new name would show as one step fewer and one more for everything that is done to
//! the machine; a new address stands in the commands of every step that has to do with it. The older plan is read with the new names and
//! addresses instead, and what differs then is shown. So it is with a step that is done in another phase, whose identity begins with the phase.
//!
//! Knows names and addresses as words in text. Does not know what the text means.

use std::collections::{BTreeMap, BTreeSet};

use crate::render::document::{PlanDocument, StepDocument};

use super::document::{Readdressed, Renamed};
use super::step;

/// Old names and addresses, and new ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Renaming {
    names: BTreeMap<String, String>,
    /// Every machine of the older plan. `vm` is not looked for inside of `vm-1` where both are machines.
    machines: BTreeSet<String>,
    /// Letters of the longest name.
    longest_name: usize,
    /// Old address, and new one.
    addresses: BTreeMap<String, String>,
    /// Machine, old address, new address.
    readdressed: BTreeMap<String, (String, String)>,
    /// What steps of the older plan are called in the newer one, where that is something else.
    identities: BTreeMap<String, String>,
    /// A team's own steps that it wants done in another phase, by what they are called in the newer plan.
    in_another_phase: BTreeSet<String>,
}

/// Who wrote what a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Replank,
    Team,
    /// replank, with commands of the team in between.
    Both,
}

impl Author {
    pub(super) fn of(step: &StepDocument) -> Self {
        match step.action.split_once('(') {
            Some(("hook.run", _)) => Self::Team,
            Some(("volume.recover", _)) => Self::Both,
            Some(_) | None => Self::Replank,
        }
    }
}

impl Renaming {
    /// Machines that stand in one plan each, with the same address and login.
    pub(super) fn between(before: &PlanDocument, after: &PlanDocument) -> Self {
        let arrived: BTreeMap<_, &String> = after
            .machines
            .iter()
            .filter(|(name, _)| !before.machines.contains_key(*name))
            .map(|(name, machine)| ((&machine.address, &machine.ssh.user, machine.ssh.port), name))
            .collect();
        let names = before.machines.iter().filter(|(name, _)| !after.machines.contains_key(*name)).filter_map(|(name, machine)| {
            let same = arrived.get(&(&machine.address, &machine.ssh.user, machine.ssh.port))?;
            Some((name.clone(), (*same).clone()))
        });
        let readdressed = before.machines.iter().filter_map(|(name, machine)| {
            let now = after.machines.get(name).filter(|now| now.address != machine.address && !machine.address.is_empty())?;
            Some((name.clone(), (machine.address.clone(), now.address.clone())))
        });
        let readdressed: BTreeMap<_, _> = readdressed.collect();
        let mut renaming = Self {
            names: names.collect(),
            machines: before.machines.keys().cloned().collect(),
            longest_name: before.machines.keys().map(String::len).max().unwrap_or(0),
            addresses: readdressed.values().cloned().collect(),
            readdressed,
            ..Self::default()
        };
        renaming.identify(before, after);
        renaming
    }

    /// Finds out what each step is called in the newer plan. A team's own step is known by its name, in any phase.
    fn identify(&mut self, before: &PlanDocument, after: &PlanDocument) {
        let old: BTreeSet<&str> = before.steps.iter().map(|step| step.id.as_str()).collect();
        let teams = |step: &&StepDocument| Author::of(step) == Author::Team;
        let own: BTreeMap<&str, &str> = after.steps.iter().filter(teams).map(|step| (step.action.as_str(), step.id.as_str())).collect();
        for step in &before.steps {
            let now = match Author::of(step) {
                Author::Team => own.get(step.action.as_str()).map_or_else(|| step.id.clone(), |id| (*id).to_owned()),
                Author::Both => step.id.clone(),
                Author::Replank => self.called(step),
            };
            // Two steps never get one identity, whatever machines are called.
            if now == step.id || old.contains(now.as_str()) {
                continue;
            }
            if Author::of(step) == Author::Team {
                self.in_another_phase.insert(now.clone());
            }
            self.identities.insert(step.id.clone(), now);
        }
    }

    /// The identity with the new names of the machines that the step is about: `40-add-control-plane/vm-1`, `50-move-virtual-ip/vm-1.lower`. The rest
    /// of it is no machine, whatever machines are called.
    fn called(&self, step: &StepDocument) -> String {
        let about: Vec<(&String, &String)> = step::machines(step).filter_map(|name| self.names.get_key_value(name)).collect();
        let part = |part: &str| {
            let begins = |name: &str| part.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('.'));
            let found = about.iter().filter_map(|(old, new)| Some((old.len(), format!("{new}{}", begins(old)?))));
            found.max().map_or_else(|| part.to_owned(), |(_, called)| called)
        };
        match step.id.split_once('/') {
            Some((phase, rest)) => format!("{phase}/{}", rest.split('/').map(part).collect::<Vec<_>>().join("/")),
            None => step.id.clone(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.addresses.is_empty() && self.identities.is_empty()
    }

    /// Whether a step of the newer plan was done in another phase before.
    pub(super) fn was_in_another_phase(&self, step: &str) -> bool {
        self.in_another_phase.contains(step)
    }

    /// What a step of the older plan is called in the newer one.
    pub(super) fn identity(&self, id: &str) -> String {
        self.identities.get(id).map_or(id, String::as_str).to_owned()
    }

    /// The path of an artifact of a step.
    pub(super) fn path(&self, path: &str, step: &StepDocument) -> String {
        let folder = format!("steps/{}/", step.id);
        match path.strip_prefix(&folder) {
            Some(file) => format!("steps/{}/{}", self.identity(&step.id), self.apply(file)),
            None => self.apply(path),
        }
    }

    /// `etcd.add(vm-1)`: what is done keeps its name.
    pub(super) fn action(&self, action: &str) -> String {
        match action.split_once('(') {
            Some((verb, about)) => {
                let names = about.trim_end_matches(')').split(", ").map(|name| self.name(name)).collect::<Vec<_>>();
                format!("{verb}({})", names.join(", "))
            }
            None => action.to_owned(),
        }
    }

    pub(super) fn name(&self, name: &str) -> String {
        self.names.get(name).map_or(name, String::as_str).to_owned()
    }

    /// The new names, with the addresses at which `after` has them.
    pub(super) fn described(&self, after: &PlanDocument) -> Vec<Renamed> {
        let address = |name: &String| after.machines.get(name).map(|machine| machine.address.clone()).unwrap_or_default();
        self.names.iter().map(|(from, to)| Renamed { from: from.clone(), to: to.clone(), address: address(to) }).collect()
    }

    pub(super) fn readdressed(&self) -> Vec<Readdressed> {
        let one = |(machine, (from, to)): (&String, &(String, String))| Readdressed {
            machine: machine.clone(),
            from: from.clone(),
            to: to.clone(),
        };
        self.readdressed.iter().map(one).collect()
    }

    /// Machines at an address at which another one was: the machine, the other one, the address. What is only called otherwise is no other.
    pub(super) fn in_the_place_of<'a>(
        &'a self,
        before: &'a PlanDocument,
        after: &'a PlanDocument,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let occupied: BTreeMap<&str, &str> =
            before.machines.iter().map(|(name, machine)| (machine.address.as_str(), name.as_str())).collect();
        after.machines.iter().filter_map(move |(name, machine)| {
            let other = *occupied.get(machine.address.as_str())?;
            (self.names.get(other).map_or(other, String::as_str) != name).then_some((name.as_str(), other, machine.address.as_str()))
        })
    }

    /// `text` with the new names and addresses. A name is replaced where it stands between what is neither a letter nor a digit, as in
    /// `remove-vm-1` and `/etc/ssl/vm-1.pem`; where two names begin, the longer one counts.
    pub(super) fn apply(&self, text: &str) -> String {
        let named = if self.names.is_empty() { text.to_owned() } else { self.with_names(text) };
        if self.addresses.is_empty() { named } else { self.with_addresses(&named) }
    }

    /// All addresses are replaced at once, since two machines may swap theirs.
    fn with_addresses(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        let mut behind = None;
        while let Some(start) = rest.find(|character: char| character.is_ascii_alphanumeric() || character == ':') {
            let (between, word) = rest.split_at(start);
            result.push_str(between);
            behind = between.chars().next_back().or(behind);
            let (written, length) = self.address_at(word, behind).unwrap_or_else(|| {
                let length = word.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(word.len()).max(1);
                (word.get(..length).unwrap_or(word), length)
            });
            result.push_str(written);
            behind = word.get(..length).and_then(|taken| taken.chars().next_back());
            rest = word.get(length..).unwrap_or("");
        }
        result + rest
    }

    /// The address that `text` begins with: what stands in its place, and its length.
    fn address_at(&self, text: &str, behind: Option<char>) -> Option<(&str, usize)> {
        let run = |is_of_it: fn(u8) -> bool, separator: char| {
            let run = beginning(text, LONGEST_ADDRESS, is_of_it).unwrap_or("");
            [run, run.trim_end_matches(separator)]
        };
        let candidates = [run(|one| one.is_ascii_digit() || one == b'.', '.'), run(|one| one.is_ascii_hexdigit() || one == b':', ':')];
        let is_meant = |old: &&str| !old.is_empty() && !continues(behind, old) && begins_with(text, old);
        candidates.into_iter().flatten().filter(is_meant).find_map(|old| Some((self.addresses.get(old)?.as_str(), old.len())))
    }

    fn with_names(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|character: char| character.is_ascii_alphanumeric()) {
            let (between, word) = rest.split_at(start);
            result.push_str(between);
            let (replaced, length) = self.name_at(word).unwrap_or_else(|| {
                let length = word.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(word.len());
                (word.get(..length).unwrap_or(word), length)
            });
            result.push_str(replaced);
            rest = word.get(length..).unwrap_or("");
        }
        result.push_str(rest);
        result
    }

    /// The name that `text` begins with: what stands in its place, and its length.
    fn name_at<'a>(&'a self, text: &'a str) -> Option<(&'a str, usize)> {
        let longest = text.get(..self.longest_name).unwrap_or(text);
        let run = beginning(text, self.longest_name, |one| one.is_ascii_alphanumeric() || one == b'-');
        let whole = run.map(str::len).into_iter();
        let run = run.unwrap_or(longest);
        let ends = whole.chain(run.rmatch_indices('-').map(|(at, _)| at));
        let found = ends.filter_map(|end| run.get(..end)).find(|name| self.machines.contains(*name))?;
        Some((self.names.get(found).map_or(found, String::as_str), found.len()))
    }
}

/// Letters of an address at most: an IPv6 address with an IPv4 address at its end.
const LONGEST_ADDRESS: usize = 45;

/// The bytes of a kind with which a text begins; none where they are more than any name or address has, so that no text takes long.
fn beginning(text: &str, longest: usize, is_of_it: impl Fn(u8) -> bool) -> Option<&str> {
    let length = text.bytes().take(longest + 1).take_while(|byte| is_of_it(*byte)).count();
    if length > longest { None } else { text.get(..length) }
}

/// Whether an address would go on what stands before it: a digit, a letter, or the separator of its own kind.
fn continues(behind: Option<char>, address: &str) -> bool {
    let separator = if address.contains(':') { ':' } else { '.' };
    behind.is_some_and(|behind| behind.is_ascii_alphanumeric() || behind == separator)
}

/// Whether `text` begins with this address, and not with a longer one: neither a digit nor a letter follows, nor a separator of its own kind with
/// one behind it.
fn begins_with(text: &str, address: &str) -> bool {
    let Some(rest) = text.strip_prefix(address) else { return false };
    let mut behind = rest.chars();
    match (behind.next(), behind.next()) {
        (Some(next), _) if next.is_ascii_alphanumeric() => false,
        (Some('.'), Some(next)) if !address.contains(':') => !next.is_ascii_digit(),
        (Some(':'), Some(next)) if address.contains(':') => !(next.is_ascii_hexdigit() || next == ':'),
        (Some(_) | None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renaming(machines: &[&str], names: &[(&str, &str)]) -> Renaming {
        let names = names.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
        let longest_name = machines.iter().map(|name| name.len()).max().unwrap_or(0);
        Renaming { names, machines: machines.iter().map(|name| (*name).to_owned()).collect(), longest_name, ..Renaming::default() }
    }

    #[test]
    fn a_name_is_replaced_inside_of_paths_and_other_names_but_not_of_words() {
        let renaming = renaming(&["vm-1", "vm-12"], &[("vm-1", "db-9")]);
        assert_eq!(
            renaming.apply("remove-vm-1, /etc/vm-1.pem, avm-1, vm-12 and vm-1"),
            "remove-db-9, /etc/db-9.pem, avm-1, vm-12 and db-9"
        );
    }

    #[test]
    fn the_longer_of_two_names_counts() {
        let renaming = renaming(&["vm", "vm-1"], &[("vm", "pc")]);
        assert_eq!(renaming.apply("vm-1 vm vm-2 «vm»"), "vm-1 pc pc-2 «pc»");
    }

    #[test]
    fn an_address_is_replaced_where_it_stands_alone() {
        let pairs = [("a", "10.0.0.1", "10.0.0.2"), ("b", "10.0.0.2", "10.0.0.1"), ("c", "fd00::1", "fd00::9")];
        let addresses = pairs.map(|(_, from, to)| (from.to_owned(), to.to_owned())).into();
        let renaming = Renaming { addresses, ..Renaming::default() };
        assert_eq!(
            renaming.apply("10.0.0.1:2380,10.0.0.2, 10.0.0.11 110.0.0.1 10.0.0.1.5"),
            "10.0.0.2:2380,10.0.0.1, 10.0.0.11 110.0.0.1 10.0.0.1.5"
        );
        assert_eq!(renaming.apply("[fd00::1]:6443 fd00::12 at 10.0.0.1."), "[fd00::9]:6443 fd00::12 at 10.0.0.2.");
        assert_eq!(renaming.apply("fd00::1:5 fd00::1::2 2fd00::1 fd00::1,"), "fd00::1:5 fd00::1::2 2fd00::1 fd00::9,");
    }

    #[test]
    fn a_word_of_any_length_is_read_in_proportion_to_it() {
        let renaming = Renaming { addresses: [("fd00::1".to_owned(), "fd00::9".to_owned())].into(), ..renaming(&["a-b"], &[("a-b", "c")]) };
        for word in ["a-".repeat(200_000), ":".repeat(400_000), "1.".repeat(200_000)] {
            assert_eq!(renaming.apply(&word), word);
        }
    }

    #[test]
    fn two_machines_may_swap_their_names() {
        let renaming = renaming(&["a", "b"], &[("a", "b"), ("b", "a")]);
        assert_eq!(renaming.apply("a=b"), "b=a");
    }
}
