//! Every published endpoint reaches a live API server at every moment.
//!
//! The virtual IP reaches the API while one of its candidates serves: keepalived's check moves the address away from a candidate
//! that does not. A machine's own address reaches the API while that machine serves; for the length of a restart its clients go
//! on with the other API servers, whose addresses they have learned, so that a restart counts only where no other one serves.
//! Where one API server writes at a time, nodes whose server has stopped go on without until they are told of the next, with no
//! controller to miss them. A machine whose API server is gone for good is found as an address that outlived its machine.

use crate::diag::{Code, Diagnostic};
use crate::model::JoinAddress;
use crate::verify::scene::{Report, Scene, listed};
use crate::verify::state::Serving;

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    if state.virtual_ip_is_published(scene.migration)
        && !state.virtual_ip.candidates.keys().any(|name| state.answers(name, scene.migration))
    {
        let candidates = listed(state.virtual_ip.candidates.keys());
        let text =
            format!("expected one of the candidates to serve the API{}; the candidates are {candidates}, and none serves", scene.when());
        report.at(scene, "virtual IP", advise(scene, scene.finding(Code::V102, text)));
    }
    let workers = state.nodes.addresses().filter(|address| **address != state.workstation);
    for address in workers.chain(std::iter::once(&state.workstation)) {
        let machine = match address {
            JoinAddress::Machine(machine) => machine,
            JoinAddress::OwnProxy | JoinAddress::LoadBalancer => {
                if state.reachable().next().is_none() {
                    let text = format!("expected an API server that serves and that workers know of{}; found none", scene.when());
                    report.at(scene, "proxies", advise(scene, scene.finding(Code::V102, text)));
                }
                continue;
            }
            JoinAddress::VirtualIp => continue,
        };
        let restarts = state.api.get(machine).is_some_and(|server| matches!(server.serving, Serving::Restarting | Serving::Stopped));
        if restarts && state.api.serving().next().is_none() {
            let text = format!("expected an API server to serve the clients of {machine}{}; found none", scene.when());
            report.at(scene, machine.as_str(), advise(scene, scene.finding(Code::V102, text)));
        }
    }
}

fn advise(scene: &Scene<'_>, finding: Diagnostic) -> Diagnostic {
    let finding = finding.why("Running pods go on without the API; nothing is scheduled, replaced or answered meanwhile.");
    if scene.migration.cluster.distribution.one_api_server_writes() {
        return finding.help(
            "It lasts for the seconds of one start, and no order avoids it: with this distribution one API server writes at a time.",
        );
    }
    finding.help("Let the target have a further control plane, so that one serves while another restarts.")
}
