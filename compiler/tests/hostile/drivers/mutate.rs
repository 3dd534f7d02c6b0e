//! Changes of a tree of values, chosen by bytes: of a spec, and of `plan.json`.
//!
//! Does not know what the tree means, except that a spec has machines and roles: what `machines` names may change its place.

use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::seeds::{TREES, WORDS};

/// A tree with more values than this is not made larger, and none is nested deeper than `DEEPEST`.
const LARGEST: usize = 4_000;
const DEEPEST: usize = 100;

const NASTY: &[&str] = &[
    "",
    " ",
    "~",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "0x10",
    "..",
    "../../x",
    "/",
    "//",
    "a/../../b",
    "/a b",
    "$(reboot)",
    "`id`",
    "';x",
    "{{ x }}",
    "{% raw %}",
    "%i",
    "<!--",
    "]]>",
    "|",
    "\u{202e}a",
    "\u{0}",
    "\u{feff}",
    "\n",
    "a\nb",
    "a\r\nb",
    "\t",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "10.0.0.1/33",
    "10.0.0.0/0",
    "010.1.1.1",
    "fe80::1%eth0",
    "v0",
    "v1.31.4+k3s1",
    "v1.99.0",
    "v999999999999999999999.1.1",
    "v1.2",
    "99999999999999999999",
    "65536",
    "- a",
    "#",
    "&a",
    "*a",
    "<<",
    "-",
    "--",
    "-a",
    "标题",
    "é",
    "a.b.c",
    "A",
    "a_b",
    "localhost",
    "all",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

const LETTERS: &[char] = &['0', '9', 'a', 'Z', '-', '.', '/', ':', '_', ' ', '"', '\'', '\\', '$', '{', '\n', '\u{7f}', 'é', '标'];

/// Makes one change.
pub fn change(tree: &mut Value, choices: &mut Choices<'_>) {
    match choices.below(16) {
        0 => remove(tree, choices),
        1 => duplicate(tree, choices),
        2 => rename_a_key(tree, choices),
        3 => exchange(tree, choices),
        4 => set(tree, choices, edge),
        5 => set(tree, choices, |choices| json!(choices.of(NASTY))),
        6 => set(tree, choices, |choices| json!(choices.of(&WORDS))),
        7 => nest(tree, choices),
        8 => repeat(tree, choices),
        9 | 10 => move_a_machine(tree, choices),
        11 => rename_a_machine(tree, choices),
        12 => change_a_letter(tree, choices),
        13 => add_from_another(tree, choices),
        14 => replace_from_another(tree, choices),
        _ => add_a_machine(tree, choices),
    }
}

fn edge(choices: &mut Choices<'_>) -> Value {
    let edges = json!([
        0,
        1,
        2,
        3,
        -1,
        255,
        256,
        1023,
        65_535,
        65_536,
        u32::MAX,
        i64::MIN,
        i64::MAX,
        u64::MAX,
        0.5,
        1e300,
        true,
        false,
        null,
        [],
        {}
    ]);
    choices.of(edges.as_array().map_or(&[], Vec::as_slice)).clone()
}

fn remove(tree: &mut Value, choices: &mut Choices<'_>) {
    match container(tree, choices) {
        Some(Value::Array(items)) => drop(items.remove(choices.below(items.len()))),
        Some(Value::Object(entries)) => {
            let key = key(entries, choices);
            entries.shift_remove(&key);
        }
        Some(_) | None => {}
    }
}

fn duplicate(tree: &mut Value, choices: &mut Choices<'_>) {
    if count(tree) > LARGEST / 2 {
        return;
    }
    match container(tree, choices) {
        Some(Value::Array(items)) => items.push(choices.of(items).clone()),
        Some(Value::Object(entries)) => {
            let key = key(entries, choices);
            let value = entries[&key].clone();
            entries.insert(format!("{key}-2"), value);
        }
        Some(_) | None => {}
    }
}

fn rename_a_key(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some(entries) = nth_of(tree, choices, |value| value.as_object().is_some_and(|entries| !entries.is_empty())) else { return };
    let Value::Object(entries) = entries else { return };
    let old = key(entries, choices);
    let new = if choices.below(4) == 0 { (*choices.of(NASTY)).to_owned() } else { choices.of(&WORDS).clone() };
    *entries = std::mem::take(entries).into_iter().map(|(key, value)| (if key == old { new.clone() } else { key }, value)).collect();
}

/// One value takes the place of another; what was there goes to where that came from, or is lost.
fn exchange(tree: &mut Value, choices: &mut Choices<'_>) {
    let (one, other, is_copy) = (any(tree, choices), any(tree, choices), choices.below(2) == 0);
    let Some(moved) = nth(tree, one).cloned() else { return };
    if !has_room_for(tree, &moved) {
        return;
    }
    let Some(place) = nth(tree, other) else { return };
    let lost = std::mem::replace(place, moved);
    // A value that held the other one is not found again where it was.
    match nth(tree, one) {
        Some(place) if !is_copy && one < other => *place = lost,
        Some(_) | None => {}
    }
}

fn set(tree: &mut Value, choices: &mut Choices<'_>, value: impl FnOnce(&mut Choices<'_>) -> Value) {
    let is_leaf = |value: &Value| !value.is_array() && !value.is_object();
    let place = if choices.below(8) == 0 { nth_of(tree, choices, |_| true) } else { nth_of(tree, choices, is_leaf) };
    if let Some(place) = place {
        *place = value(choices);
    }
}

fn nest(tree: &mut Value, choices: &mut Choices<'_>) {
    let levels = choices.below(DEEPEST.saturating_sub(depth(tree)));
    let is_list = choices.below(2) == 0;
    let Some(place) = nth_of(tree, choices, |_| true) else { return };
    for _ in 0..levels {
        let inner = place.take();
        *place = if is_list { json!([inner]) } else { json!({"name": inner}) };
    }
}

fn repeat(tree: &mut Value, choices: &mut Choices<'_>) {
    let (times, all) = (choices.below(40), count(tree));
    let Some(place) = container(tree, choices) else { return };
    if all + times * count(place) > LARGEST {
        return;
    }
    match place {
        Value::Array(items) => {
            let item = choices.of(items).clone();
            items.extend(std::iter::repeat_n(item, times));
        }
        Value::Object(entries) => {
            let key = key(entries, choices);
            let value = entries[&key].clone();
            entries.extend((0..times).map(|number| (format!("{key}-{number}"), value.clone())));
        }
        _ => {}
    }
}

/// A machine is taken from one list of names and put into another one, or into it as well.
fn move_a_machine(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some(machine) = machine(tree, choices) else { return };
    let is_role = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    if choices.below(2) == 0
        && let Some(Value::Array(items)) = nth_of(tree, choices, is_role)
    {
        items.retain(|item| *item != json!(machine));
    }
    if let Some(Value::Array(items)) = nth_of(tree, choices, is_role) {
        items.insert(choices.below(items.len() + 1), json!(machine));
    }
}

fn rename_a_machine(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some(old) = machine(tree, choices) else { return };
    let new = match choices.below(3) {
        0 => (*choices.of(NASTY)).to_owned(),
        1 => format!("{old}-{}", choices.byte()),
        _ => machine(tree, choices).unwrap_or_default(),
    };
    rename(tree, &old, &new);
}

fn rename(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => new.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, old, new)),
        Value::Object(entries) => {
            let renamed = |key: String| if key == old { new.to_owned() } else { key };
            *entries = std::mem::take(entries).into_iter().map(|(key, value)| (renamed(key), value)).collect();
            entries.values_mut().for_each(|value| rename(value, old, new));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn change_a_letter(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some(Value::String(text)) = nth_of(tree, choices, |value| value.as_str().is_some_and(|text| !text.is_empty())) else { return };
    let mut letters: Vec<char> = text.chars().collect();
    let at = choices.below(letters.len());
    match choices.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, *choices.of(LETTERS)),
        _ => letters[at] = *choices.of(LETTERS),
    }
    *text = letters.into_iter().collect();
}

/// A key with its value out of another spec, into any mapping.
fn add_from_another(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some((key, value)) = entry_of_another(choices) else { return };
    if !has_room_for(tree, &value) {
        return;
    }
    if let Some(Value::Object(entries)) = nth_of(tree, choices, Value::is_object) {
        entries.insert(key, value);
    }
}

/// The value of a key out of another spec, where this one has the key.
fn replace_from_another(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some((key, value)) = entry_of_another(choices) else { return };
    if !has_room_for(tree, &value) {
        return;
    }
    if let Some(Value::Object(entries)) = nth_of(tree, choices, |place| place.get(&key).is_some()) {
        entries.insert(key, value);
    }
}

fn entry_of_another(choices: &mut Choices<'_>) -> Option<(String, Value)> {
    let mut other = choices.of(&TREES).clone();
    let Value::Object(entries) = nth_of(&mut other, choices, |value| value.as_object().is_some_and(|entries| !entries.is_empty()))? else {
        return None;
    };
    let key = key(entries, choices);
    let value = entries.shift_remove(&key)?;
    Some((key, value))
}

/// A machine like another one, with an address of its own.
fn add_a_machine(tree: &mut Value, choices: &mut Choices<'_>) {
    let Some(name) = machine(tree, choices) else { return };
    let Some(Value::Object(machines)) = tree.pointer_mut("/spec/machines") else { return };
    let (mut value, number) = (machines[&name].clone(), choices.byte());
    if let Some(address) = value.get_mut("address") {
        *address = json!(format!("10.99.{}.{number}", machines.len() % 256));
    }
    machines.insert(format!("added-{number}"), value);
}

fn machine(tree: &Value, choices: &mut Choices<'_>) -> Option<String> {
    let machines = tree.pointer("/spec/machines").or_else(|| tree.pointer("/machines"))?.as_object()?;
    (!machines.is_empty()).then(|| key(machines, choices))
}

fn key(entries: &Map<String, Value>, choices: &mut Choices<'_>) -> String {
    entries.keys().nth(choices.below(entries.len())).cloned().unwrap_or_default()
}

/// A list or a mapping that has something in it.
fn container<'v>(tree: &'v mut Value, choices: &mut Choices<'_>) -> Option<&'v mut Value> {
    nth_of(tree, choices, |value| {
        value.as_array().is_some_and(|items| !items.is_empty()) || value.as_object().is_some_and(|entries| !entries.is_empty())
    })
}

/// One of the values that are wanted.
fn nth_of<'v>(tree: &'v mut Value, choices: &mut Choices<'_>, is_wanted: impl Fn(&Value) -> bool) -> Option<&'v mut Value> {
    let (mut wanted, mut number) = (Vec::new(), 0);
    walk(tree, &mut |value| {
        if is_wanted(value) {
            wanted.push(number);
        }
        number += 1;
    });
    if wanted.is_empty() { None } else { nth(tree, *choices.of(&wanted)) }
}

fn any(tree: &Value, choices: &mut Choices<'_>) -> usize {
    choices.below(count(tree))
}

/// The value of this number, in the order in which they are written.
fn nth(tree: &mut Value, number: usize) -> Option<&mut Value> {
    fn down<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
        if *left == 0 {
            return Some(value);
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().find_map(|item| down(item, left)),
            Value::Object(entries) => entries.values_mut().find_map(|item| down(item, left)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
    let mut left = number;
    down(tree, &mut left)
}

fn walk(value: &Value, see: &mut impl FnMut(&Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        Value::Object(entries) => entries.values().for_each(|item| walk(item, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn has_room_for(tree: &Value, value: &Value) -> bool {
    count(tree) + count(value) <= LARGEST && depth(tree) + depth(value) <= DEEPEST
}

fn count(value: &Value) -> usize {
    let mut count = 0;
    walk(value, &mut |_| count += 1);
    count
}

fn depth(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Object(entries) => entries.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
