//! What stands after a playbook's name, read as the shell and `ansible-playbook` read it: who is meant, and which variables are set.
//!
//! Works on the text that will run, not on what was meant by it. Does not know playbooks.

use crate::ir::Inventory;
use crate::lower::kubean::inventory;
use crate::model::{Kubean, MachineName};

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Patterns of `--limit`.
    pub limit: Option<Vec<String>>,
    /// `-e name=value`, the last one of a name first.
    variables: Vec<(String, String)>,
}

impl Arguments {
    pub fn read(text: &str) -> Self {
        let mut arguments = Self::default();
        let mut words = words(text).into_iter();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
                Some(_) | None => (word, None),
            };
            match option.as_str() {
                "--limit" | "-l" => arguments.limit = value.or_else(|| words.next()).map(|value| patterns(&value)),
                "--extra-vars" | "-e" => arguments.set(&value.or_else(|| words.next()).unwrap_or_default()),
                _ => {}
            }
        }
        arguments
    }

    fn set(&mut self, assignment: &str) {
        if let Some((name, value)) = assignment.split_once('=').filter(|(name, _)| !name.contains(['{', ' '])) {
            self.variables.insert(0, (name.to_owned(), value.to_owned()));
        }
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names that the variable `node` gives.
    pub fn node(&self) -> Option<Vec<String>> {
        self.variable("node").map(patterns)
    }
}

fn patterns(text: &str) -> Vec<String> {
    text.split([',', ':']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Words as the shell splits them, without their quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(characters.next()),
            (character, Some(open)) if character == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (' ' | '\t' | '\n', None) => words.extend(word.take()),
            (other, _) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// The machines that a pattern stands for; `None` for one that the inventory does not know.
pub fn matching<'i>(pattern: &str, kubean: &Kubean, inventory: &'i Inventory) -> Option<Vec<&'i MachineName>> {
    match pattern {
        "all" | "k8s_cluster" => Some(inventory.machines().filter(|name| pattern == "all" || is_node(name, inventory)).collect()),
        "kube_control_plane" => Some(inventory.control_plane.iter().collect()),
        "kube_node" => Some(inventory::nodes(kubean, inventory)),
        "etcd" => Some(inventory.etcd.iter().collect()),
        "calico_rr" => Some(Vec::new()),
        name => inventory.machines().find(|machine| machine.as_str() == name).map(|machine| vec![machine]),
    }
}

fn is_node(name: &MachineName, inventory: &Inventory) -> bool {
    inventory.control_plane.contains(name) || inventory.workers.contains(name)
}

/// Of all machines of the inventory those that a limit leaves, in the inventory's order.
pub fn limited<'i>(limit: Option<&[String]>, kubean: &Kubean, inventory: &'i Inventory) -> Vec<&'i MachineName> {
    let Some(patterns) = limit else { return inventory.machines().collect() };
    let of = |pattern: &str| matching(pattern, kubean, inventory).unwrap_or_default();
    let meant: Vec<_> = patterns.iter().filter(|pattern| !pattern.starts_with('!')).flat_map(|pattern| of(pattern)).collect();
    let spared: Vec<_> = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).flat_map(of).collect();
    inventory.machines().filter(|name| meant.contains(name) && !spared.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_the_shell_reads_them() {
        let read = Arguments::read(
            r#"--limit=m-1 -e "{repo_list: ['deb \$a b', 'c']}" -e node=m-2,m-3 --skip-tags=multus -e 'reset_nodes=false'"#,
        );
        assert_eq!(read.limit, Some(vec!["m-1".to_owned()]));
        assert_eq!(read.node(), Some(vec!["m-2".to_owned(), "m-3".to_owned()]));
        assert_eq!((read.variable("reset_nodes"), read.variable("repo_list")), (Some("false"), None));
        assert_eq!(Arguments::read("-e node=a -e node=b").variable("node"), Some("b"));
        assert_eq!(Arguments::read("--limit 'all:!m-1'").limit, Some(vec!["all".to_owned(), "!m-1".to_owned()]));
        assert_eq!(Arguments::read(""), Arguments::default());
    }

    #[test]
    fn quotes_and_escapes_keep_a_word_together() {
        assert_eq!(words(r#"a "b c" 'd "e' f\ g"#), ["a", "b c", "d \"e", "f g"]);
        assert_eq!(words(r#"  "" "#), [""]);
    }
}
