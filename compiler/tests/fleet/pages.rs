//! The runbook of a fleet: every step stands in it once, in parts that code hosts show, and each machine's page can be printed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use replank::write::{Force, replace};

use super::{compiled, fleet, with_workers};

fn printed(plan: &Path, words: &[&str]) -> Output {
    Command::new("bash").arg(plan.join("runbook/page.sh")).args(words).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The section of a step where it is told by itself.
fn section<'a>(runbook: &'a str, id: &str) -> &'a str {
    let start = runbook.find(&format!("---\n\n## {id}\n")).unwrap();
    let length = runbook[start + 5..].find("\n---\n").map_or(runbook.len() - start, |end| end + 6);
    &runbook[start..start + length]
}

#[test]
fn the_page_of_a_machine_in_a_batch_is_the_section_that_it_would_have_alone() {
    let (few, many) = (fleet(9), fleet(24));
    // As many lines as the fleet has, so that every step is caused by the same line.
    let few = with_workers(&few).replacen("    phy-6:", &format!("{}    phy-6:", "    # no machine\n".repeat(15)), 1);
    let (few, many) = (compiled(&few), compiled(&with_workers(&many)));
    let directory = tempfile::tempdir().unwrap();
    let plan = directory.path().join("plan");
    replace(&plan, &many.tree, Force::No).unwrap();
    for (main, ending, words) in [("RUNBOOK.md", ".md", &[][..]), ("RUNBOOK.zh.md", ".zh.md", &["zh"])] {
        let told = [told(&few.tree.files, ending), few.tree.files[main].clone()].concat();
        assert!(!told.contains("«name»"), "nine machines are told one by one");
        for id in ["10-prepare/w-0", "10-prepare/w-8", "60-add-workers/w-1", "60-add-workers/w-8"] {
            let page = printed(&plan, &[&[id], words].concat());
            assert!(page.status.success(), "{id}: {page:?}");
            assert_eq!(text(&page).trim_end(), section(&told, id).trim_end(), "{id}");
        }
    }
}

/// Servers with etcd inside, and the workers after them, change one after the other: each step names the one before.
#[test]
fn steps_that_each_need_the_one_before_are_a_batch_as_well() {
    let text = include_str!("../../../examples/k3s-embedded-grow/migration.yaml");
    let names: String = fleet(12).iter().map(|(name, _)| format!(", {name}")).collect();
    let lines: String = fleet(12).iter().map(|(name, address)| format!("    {name}: {{address: {address}}}\n")).collect();
    let text = text.replacen("agent-1, agent-2]", &format!("agent-1, agent-2{names}]"), 1).replacen(
        "  machines:\n",
        &format!("  machines:\n{lines}"),
        1,
    );
    let compiled = compiled(&text);
    let steps = compiled.tree.document().unwrap().steps;
    let step = |id: &str| steps.iter().find(|step| step.id == id).unwrap();
    assert_eq!(step("60-add-workers/w-7").needs, ["60-add-workers/w-6"]);
    let runbook = told(&compiled.tree.files, ".md") + &compiled.tree.files["RUNBOOK.md"];
    assert!(!runbook.contains("## 60-add-workers/w-7\n") && runbook.contains("| `60-add-workers/w-7` |"), "{runbook}");
}

#[test]
fn a_page_is_printed_for_every_step_of_a_batch_and_for_no_other() {
    let compiled = compiled(&with_workers(&fleet(12)));
    let directory = tempfile::tempdir().unwrap();
    let plan = directory.path().join("plan");
    replace(&plan, &compiled.tree, Force::No).unwrap();
    for step in &compiled.tree.document().unwrap().steps {
        let page = printed(&plan, &[&step.id]);
        let is_in_batch = step.id.contains("/w-");
        assert_eq!(page.status.success(), is_in_batch, "{}: {page:?}", step.id);
        let commands = || step.preconditions.iter().chain(&step.run).chain(&step.verify).chain(&step.rollback);
        let text = text(&page);
        assert!(!text.contains('«'), "{text}");
        for command in commands().filter(|_| is_in_batch) {
            assert!(text.contains(&format!("(\n{}\n)", command.shell)), "{}:\n{}", step.id, command.shell);
        }
    }
    for (words, exit) in [(&["60-add-workers/w-1", "fr"][..], 64), (&["60-add-workers/w-"], 1), (&["../../etc"], 1)] {
        assert_eq!(printed(&plan, words).status.code(), Some(exit), "{words:?}");
    }
    let checked = Command::new("shellcheck").arg(plan.join("runbook/page.sh")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn a_command_of_the_team_that_looks_like_a_row_prints_no_page() {
    let row = "# | ☐ | `60-add-workers/w-3` | w-3'; echo canary; ' | 10.0.0.1 | 1 | /x |";
    let text = with_workers(&fleet(12));
    let command = "            kubectl exec -n uap";
    assert!(text.contains(command), "the example has changed");
    let compiled = compiled(&text.replacen(command, &format!("            {row}\n{command}"), 1));
    let directory = tempfile::tempdir().unwrap();
    let plan = directory.path().join("plan");
    replace(&plan, &compiled.tree, Force::No).unwrap();
    let page = printed(&plan, &["60-add-workers/w-3"]);
    assert_eq!((page.status.code(), page.stdout.as_slice()), (Some(1), &b""[..]), "{page:?}");
    assert!(String::from_utf8_lossy(&page.stderr).contains("looks like the row of 60-add-workers/w-3"), "{page:?}");
    assert!(printed(&plan, &["60-add-workers/w-4"]).status.success());
}

/// The parts of a language.
fn parts<'a>(files: &'a BTreeMap<String, String>, ending: &str) -> Vec<&'a str> {
    let is_part = |path: &&str| path.starts_with("runbook/") && path.ends_with(ending) && path.ends_with(".zh.md") == (ending == ".zh.md");
    files.keys().map(String::as_str).filter(is_part).collect()
}

fn told(files: &BTreeMap<String, String>, ending: &str) -> String {
    parts(files, ending).into_iter().map(|part| files[part].as_str()).collect()
}

/// What code hosts make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|character| character.is_alphanumeric() || [' ', '-'].contains(character));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn links(page: &str) -> Vec<&str> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

fn assert_leads_somewhere(files: &BTreeMap<String, String>, from: &str, link: &str) {
    let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(from).parent().unwrap();
    let mut whole: Vec<&str> = folder.iter().filter_map(|part| part.to_str()).collect();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if part == ".." { whole.truncate(whole.len() - 1) } else { whole.push(part) }
    }
    let target = if path.is_empty() { from.to_owned() } else { whole.join("/") };
    let page = files.get(&target).unwrap_or_else(|| panic!("{from}: {link}: no such file"));
    let mut headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    assert!(wanted.is_empty() || headings.any(|heading| anchor(heading) == wanted), "{from}: {link}: no such heading");
}

#[test]
fn a_fleet_of_hundreds_has_an_index_with_every_step_and_parts_that_code_hosts_show() {
    let compiled = compiled(&with_workers(&fleet(620)));
    let files = &compiled.tree.files;
    for (main, ending) in [("RUNBOOK.md", ".md"), ("RUNBOOK.zh.md", ".zh.md")] {
        let parts = parts(files, ending);
        assert!(parts.len() > 3, "{parts:?}");
        assert!(files[main].len() < 30_000, "{}", files[main].len());
        let told = told(files, ending);
        for step in &compiled.tree.document().unwrap().steps {
            let times = told.matches(&format!("\n## {}\n", step.id)).count() + told.matches(&format!("| ☐ | `{}` |", step.id)).count();
            assert_eq!(times, 1, "{} {}", main, step.id);
        }
        for page in parts.into_iter().chain([main]) {
            assert!(files[page].len() < 512 * 1024, "{page}: {}", files[page].len());
            links(&files[page]).into_iter().for_each(|link| assert_leads_somewhere(files, page, link));
        }
    }
    assert!(files["RUNBOOK.md"].contains("… `60-add-workers/w-499` | 500 × Add «name» as a worker | 2 |"), "{}", files["RUNBOOK.md"]);
}
