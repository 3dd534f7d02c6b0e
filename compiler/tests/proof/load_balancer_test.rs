//! A plan behind a real nginx that the team's own steps lead: it is found by asking the machines, watched, and held to the ledger.

use replank::rehearse::{Extent, Kind, Options, Report};

use super::rehearsing::{Plan, QUICK, able};

const SPEC: &str = include_str!("load_balancer.yaml");
/// The step of the team's own that leads nginx to the new server, which is the last of the spec.
const REPOINT: &str = "\n    - id: repoint-balancer";
const REMOVAL: &str = "70-remove-nodes/node-3";

/// Compiles the spec, and plays it. Nothing where that was switched off.
fn played(spec: &str, options: &Options) -> Option<Report> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), spec).unwrap();
    let plan = Plan::of(file.path());
    able(&plan.document).then(|| plan.rehearse(options))
}

#[test]
#[ignore = "two minutes: nginx in front of API servers is played by the example of kubeadm; before a release: cargo test --locked -- --ignored behind_nginx"]
fn clients_behind_nginx_are_served_while_a_server_is_replaced() {
    let Some(report) = played(SPEC, &Options { cuts: Extent::Sampled, ..QUICK }) else { return };
    assert!(report.passed, "{:?}", report.findings);
    let nginx = report.endpoints.iter().find(|endpoint| endpoint.name == "nginx on node-1, port 16443").unwrap();
    assert!(nginx.answers > 100, "{nginx:?}");
    let longest = nginx.longest.longest_gap.as_ref().unwrap();
    assert!(longest.seconds < 5.0, "{longest:?}");
    assert!(report.ledger.pairs > 0, "no host was cut off: {:?}", report.ledger);
    assert!(report.programs.iter().any(|(name, version)| name == "nginx" && version.starts_with("1.")), "{:?}", report.programs);
}

#[test]
fn a_load_balancer_that_leads_to_a_removed_server_is_found_at_the_removal() {
    let (without, _) = SPEC.split_once(REPOINT).unwrap();
    let Some(report) = played(&format!("{without}\n"), &QUICK) else { return };
    assert!(!report.passed);
    let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!((finding.step.as_str(), finding.kind), (REMOVAL, Kind::Ledger), "{finding}");
    assert_eq!(finding.what, "load balancer: nginx on node-1, port 16443, leads to node-3, which does not serve the API");
}
