//! Every configuration of a plan is read back at its own moment: of the published case, of random ones, and of those that somebody writes
//! by hand.

use proptest::prelude::*;
use replank::ir::Action;
use replank::model::MachineName;
use replank::pipeline::{Compiled, Refusal};

use super::reader::{Truth, read};
use super::spec::{SEED, Servers, compiled, try_compile};
use crate::compiled::document;

/// Each configuration of a plan with what is true when ocboot runs.
fn configurations(plan: &Compiled) -> Vec<(String, Truth<'static>)> {
    let address = |name: &MachineName| plan.migration.machines[name].address.to_string();
    let failed: Vec<_> = plan.migration.machines.keys().filter(|name| plan.migration.is_failed(name)).map(address).collect();
    let virtual_ip = plan.migration.cluster.virtual_ip.as_ref().unwrap().address.value.address.to_string();
    let of_step = |(index, step): (usize, &replank::ir::Step)| {
        let Action::JoinCluster { machine, .. } = &step.action else { return None };
        let text = plan.tree.files.get(&format!("steps/{}/ocboot.yaml", step.id)).expect("each server is added by a configuration");
        // The judge's row before this step, and not what the planner thought.
        let serving = plan.ledger.rows[index].after.api_servers.iter().map(address).collect();
        let call = document(plan).steps[index].run.iter().find(|command| command.shell.contains("run.py")).unwrap();
        let stack = call.shell.split("run.py ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        let (stack, virtual_ip): (&'static str, &'static str) = (stack.leak(), virtual_ip.clone().leak());
        Some((text.clone(), Truth { serving, newcomer: address(machine), failed: failed.clone(), stack, virtual_ip }))
    };
    plan.plan.steps.iter().enumerate().filter_map(of_step).collect()
}

#[test]
fn the_published_case_is_read_back() {
    let plan = compiled(SEED);
    let all = configurations(&plan);
    assert_eq!(all.len(), 1);
    for (text, truth) in &all {
        assert_eq!(read(text, truth), Vec::<String>::new(), "{text}");
    }
    let (text, _) = &all[0];
    // The first of the target is the primary; the others stand in the cluster's order, and the newcomer is the last.
    let hosts: Vec<_> = text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("hostname: ")).collect();
    assert_eq!(hosts, ["192.168.0.244", "192.168.0.243", "192.168.0.239"]);
}

/// The mistakes that a person makes in this file, and of which ocboot says nothing before it has changed a server.
#[test]
fn the_reader_finds_what_ocboot_does_not_say() {
    let all = configurations(&compiled(SEED));
    let (text, truth) = &all[0];
    let survivor = text.split("  - hostname: 192.168.0.243").nth(1).unwrap().split("  - hostname").next().unwrap();
    let only_the_newcomer = text.replace(&format!("  - hostname: 192.168.0.243{survivor}"), "");
    for (wrong, complaint) in [
        (only_the_newcomer, "1 hosts under master_nodes"),
        (text.replace("hostname: 192.168.0.243", "hostname: 192.168.0.254"), "which has failed"),
        (text.replacen("hostname: 192.168.0.244", "hostname: 192.168.0.239", 1), "the primary 192.168.0.239 is no server"),
        (text.replace("product_version: Edge", "product_version: FullStack"), "would rewrite product_version"),
        (text.replace("  product_version: Edge\n", ""), "missing: product_version"),
        (text.replace("\"3306\"", "3306"), "db_port is"),
        (text.replace("REPLANK_DATABASE_PASSWORD", "'0neC1oudDB#'"), "a password stands in the file"),
        (format!("{text}mariadb_node:\n  hostname: 192.168.0.244\n"), "mariadb_node"),
        (text.replace("  use_ee: false\n", "  ha_using_local_registry: false\n"), "not known: ha_using_local_registry"),
        (text.replace("10.40.0.0/16", "192.168.0.0/16"), "lies in"),
    ] {
        let found = read(&wrong, truth);
        assert!(found.iter().any(|one| one.contains(complaint)), "{complaint}: {found:?}\n{wrong}");
    }
}

#[test]
fn every_stack_is_called_by_its_word() {
    for (word, product) in [("full", "FullStack"), ("virt", "Edge"), ("light-virt", "LightEdge"), ("ai", "AI"), ("cmp", "CMP")] {
        let servers = Servers { failed: 1, leaving: 0, staying: 2, joining: 1, stack: word, order: "addThenRemove" };
        let plan = compiled(&servers.text());
        for (text, truth) in configurations(&plan) {
            assert_eq!((truth.stack, text.contains(&format!("product_version: {product}\n"))), (word, true));
            assert_eq!(text.contains("as_host: true"), word != "cmp");
            // Servers that are virtual machines themselves are hosts like the others, or none is.
            let counted = |key: &str| text.matches(&format!("\n  {key}: {}\n", word != "cmp")).count();
            assert_eq!((counted("as_host"), counted("as_host_on_vm")), (2, 2), "{text}");
            assert_eq!(read(&text, &truth), Vec::<String>::new(), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stays, leaves, joins and has failed: a plan tells ocboot the truth at each moment, or there is none.
    #[test]
    fn random_cases_are_read_back(failed in 0..3_usize, leaving in 0..3_usize, staying in 1..4_usize, joining in 1..4_usize, first in any::<bool>()) {
        let order = if first { "addThenRemove" } else { "removeThenAdd" };
        let text = Servers { failed, leaving, staying, joining, stack: "virt", order }.text();
        match try_compile(&text) {
            Ok(plan) => {
                let all = configurations(&plan);
                prop_assert_eq!(all.len(), joining);
                for (text, truth) in all {
                    prop_assert_eq!(read(&text, &truth), Vec::<String>::new());
                }
            }
            Err(Refusal::Bug(bug)) => prop_assert!(false, "{bug}\n{text}"),
            Err(Refusal::Spec(findings)) => {
                let codes: Vec<_> = findings.iter().map(|finding| finding.code.name()).collect();
                // One server that answers: ocboot cannot add a second.
                prop_assert!(leaving + staying < 2 && codes.contains(&"M902"), "{codes:?}\n{text}");
            }
            Err(Refusal::Unsafe { findings, .. }) => {
                let codes: Vec<_> = findings.iter().map(|finding| finding.code.name()).collect();
                prop_assert!(codes.iter().all(|code| !code.starts_with("V5") && *code != "V206" && *code != "V405"), "{codes:?}\n{text}");
            }
        }
    }
}

/// One pod that recovers must not hide another that has stopped: names are kept and compared, not their number.
#[test]
fn pods_that_did_not_run_before_are_known_by_name() {
    let plan = compiled(SEED);
    let step = document(&plan).steps.iter().find(|step| step.run.iter().any(|command| command.shell.contains("run.py"))).unwrap();
    let kept = step.run.iter().find(|command| command.shell.contains("$kept.idle")).unwrap();
    assert!(kept.shell.contains(r#"mv -f "$kept.idle.part" "$kept.idle""#), "{}", kept.shell);
    let compared = step.verify.iter().find(|command| command.shell.contains(".idle")).unwrap();
    let line = compared.shell.lines().find(|line| line.trim_start().starts_with("news=")).unwrap().trim();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("before"), "pod/a\npod/b\n").unwrap();
    for (waiting, news) in [("", ""), ("pod/a", ""), ("pod/b\npod/a", ""), ("pod/c", "pod/c"), ("pod/a\npod/ab", "pod/ab")] {
        let script = format!("set -euo pipefail\nbefore=before\n{line}\nprintf %s \"$news\"");
        let output =
            std::process::Command::new("bash").args(["-c", &script]).env("waiting", waiting).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), news, "{waiting:?}");
    }
}
