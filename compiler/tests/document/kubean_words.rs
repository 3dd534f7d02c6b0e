//! What steps of a kubean plan say to people: only what applies to the machine, the moment and the release.

use serde_json::Value;

use super::plan;

const IN_PLACE: &str = include_str!("../kubean/in_place.yaml");
const REPLACE: &str = include_str!("../../../examples/kubean-replace-nodes/migration.yaml");

fn edited(base: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(base.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must be in the base once");
        text.replacen(from, to, 1)
    })
}

fn step<'p>(plan: &'p Value, id: &str) -> &'p Value {
    let steps = plan["steps"].as_array().unwrap();
    let ids: Vec<_> = steps.iter().map(|step| &step["id"]).collect();
    steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no {id} in {ids:#?}"))
}

/// Everything that a step says and runs.
fn said(plan: &Value, id: &str) -> String {
    step(plan, id).to_string()
}

#[test]
fn a_kubeconfig_that_is_pointed_away_for_a_while_says_until_when() {
    let plan = plan(IN_PLACE);
    let aside = said(&plan, "68-rebuild-control-plane/master-1.aside/workstation");
    assert!(aside.contains("master-1 leaves the cluster and comes back"), "{aside}");
    assert!(aside.contains("until `85-settle-control-plane/workstation`"), "{aside}");
    assert!(aside.contains("every other kubeconfig that names master-1"), "{aside}");
    assert!(!aside.contains("no control plane then"), "{aside}");
    let back = said(&plan, "85-settle-control-plane/workstation");
    assert!(back.contains("as at the end of the migration") && !back.contains("no control plane then"), "{back}");
}

#[test]
fn a_kubeconfig_that_is_pointed_away_for_good_names_what_stays() {
    let aside = said(&plan(REPLACE), "75-swap-control-plane/master-1.aside/workstation");
    assert!(aside.contains("from here on, which is there when the migration is done"), "{aside}");
}

#[test]
fn what_is_expected_to_the_end_of_a_line_has_an_end_of_line() {
    for plan in [plan(IN_PLACE), plan(REPLACE)] {
        for step in plan["steps"].as_array().unwrap() {
            let commands = ["preconditions", "run", "verify", "rollback"].map(|part| step[part].as_array().cloned().unwrap_or_default());
            for command in commands.iter().flatten() {
                let shell = command["shell"].as_str().unwrap();
                let last = shell.lines().last().unwrap_or_default();
                let is_to_the_end = command["expect"].as_str().is_some_and(|expect| expect.ends_with('$'));
                assert!(!is_to_the_end || !last.contains("jsonpath=") || last.contains("{\"\\n\"}"), "{}: {shell}", step["id"]);
            }
        }
    }
}

#[test]
fn etcd_is_left_alone_only_until_somebody_joins() {
    let sentence = "Until that number grows again";
    assert!(said(&plan(IN_PLACE), "68-rebuild-control-plane/master-1/remove").contains(sentence));
    let plan = plan(REPLACE);
    let removed = said(&plan, "75-swap-control-plane/etcd-1");
    assert!(removed.contains("etcd goes on with") && !removed.contains(sentence), "{removed}");
}

#[test]
fn advice_is_for_what_the_machine_is_and_what_the_release_does() {
    let (replace, in_place) = (plan(REPLACE), plan(IN_PLACE));
    let trouble = |plan: &Value, id: &str| step(plan, id)["trouble"].to_string() + &step(plan, id)["words"].to_string();
    let host = trouble(&replace, "75-swap-control-plane/etcd-1");
    assert!(host.contains("systemctl disable --now etcd"), "{host}");
    for word in ["delete node", "kubeadm reset", "6443", "pkill", "v2.27", "v2.21"] {
        assert!(!host.contains(word), "`{word}` concerns no machine that runs etcd alone: {host}");
    }
    let master = trouble(&in_place, "68-rebuild-control-plane/master-2/remove");
    assert!(master.contains("pkill -x kube-apiserver") && !master.contains("v2.27"), "{master}");
    let newer =
        edited(IN_PLACE, &[("spray-job:v0.12.2", "spray-job:v0.30.0"), ("v1.27.5", "v1.31.6"), ("version: v0.12.2", "version: v0.30.0")]);
    let newer = trouble(&plan(&newer), "68-rebuild-control-plane/master-2/remove");
    assert!(newer.contains("kubespray v2.27 to v2.30") && newer.contains("kubeadm reset -f"), "{newer}");
    assert!(!newer.contains("pkill"), "{newer}");
}

#[test]
fn a_backup_that_is_too_old_is_taken_again_where_a_member_is() {
    let plan = plan(IN_PLACE);
    let asked = said(&plan, "68-rebuild-control-plane/master-1/remove");
    assert!(asked.contains("is older than a day: on master-2, as root"), "{asked}");
}

#[test]
fn a_step_that_repoints_joins_is_named_only_where_there_is_one() {
    let before = said(&plan(IN_PLACE), "68-rebuild-control-plane/master-2/add");
    assert!(before.contains("Look at both") && !before.contains("has repointed them"), "{before}");
    let after = said(&plan(IN_PLACE), "68-rebuild-control-plane/master-1/add");
    assert!(after.contains("`68-rebuild-control-plane/master-1/bootstrap` has repointed them"), "{after}");
}

#[test]
fn packages_are_imported_because_of_the_operating_system() {
    let because = |spec: &str| step(&plan(spec), "10-prepare/packages-ubuntu-22-04")["because"]["pointer"].clone();
    let import = "{repository: \"http://10.6.0.5:9000\", imports: {ubuntu-22.04: {tool: kubeanScripts, osPackages: /srv/os.tar.gz, iso: /srv/u.iso}}}";
    let import = ("{repository: \"http://10.6.0.5:9000\"}", import);
    assert_eq!(because(&edited(IN_PLACE, &[import])), "/spec/target/os");
    let one = edited(
        IN_PLACE,
        &[
            import,
            ("worker: {address: 10.6.1.21}", "worker: {address: 10.6.1.21, os: {source: centos-7.9, target: ubuntu-22.04}}"),
            ("  target:\n    os: ubuntu-22.04\n", "  target:\n    os: centos-7.9\n"),
            ("  accept:\n    - {risk: etcd-no-tolerance, at: 68-rebuild-control-plane, reason: no spare machine}\n", ""),
        ],
    );
    assert_eq!(because(&one), "/spec/machines/worker/os/target");
}

#[test]
fn a_command_of_a_hook_stops_at_its_first_error() {
    let hook = "  hooks:\n    - {id: look, at: {before: back-up}, on: workstation, title: {en: Look, zh: 查看}, run: [{shell: \"false\\ntrue\"}, \
                {shell: \"set -euo pipefail\\ntrue\"}]}\n  accept:\n";
    let plan = plan(&edited(IN_PLACE, &[("  accept:\n", hook)]));
    let hooks: Vec<_> =
        plan["steps"].as_array().unwrap().iter().filter(|step| step["id"].as_str().unwrap().ends_with("hook.look")).collect();
    let [step] = hooks[..] else { panic!("{hooks:?}") };
    assert_eq!(step["run"][0]["shell"], "set -euo pipefail\nfalse\ntrue");
    assert_eq!(step["run"][1]["shell"], "set -euo pipefail\ntrue");
}
