//! nginx on control planes, which passes connections on to API servers.
//!
//! Connections are passed on as they are (`stream`): a balancer that ended TLS would lose the client certificates of kubelets. Does not
//! decide whom it leads to.

use serde_json::{Map, Value, json};

use super::etcd::object;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::{Moment, bracketed};
use crate::lower::sheet::Sheet;
use crate::model::{Balancer, BalancerConfiguration, MachineName};

/// The unit of nginx's packages. Its stop is gentle for 5 s, and then it ends what is left.
pub const SERVICE: &str = "nginx";

pub fn start(moment: &Moment<'_>, machine: &MachineName, upstreams: &[MachineName]) -> Sheet {
    configured("load-balancer/start", moment, machine, upstreams)
}

pub fn reconfigure(moment: &Moment<'_>, machine: &MachineName, upstreams: &[MachineName]) -> Sheet {
    configured("load-balancer/reconfigure", moment, machine, upstreams)
}

/// What a machine needs before it can have one.
pub fn prepare(moment: &Moment<'_>) -> Sheet {
    let mut context = Map::new();
    context.insert("balancer".into(), value(moment));
    Sheet::new("load-balancer/prepare", context)
}

/// How it is set up, for words.
pub fn value(moment: &Moment<'_>) -> Value {
    let Some(balancer) = &moment.migration.cluster.balancer else { return Value::Null };
    let file = balancer.file.as_str();
    json!({
        "port": balancer.port,
        "file": file,
        "directory": file.rsplit_once('/').map_or("/", |(directory, _)| directory),
        "is_whole": is_whole(balancer),
        "service": SERVICE,
    })
}

fn is_whole(balancer: &Balancer) -> bool {
    match balancer.configuration {
        BalancerConfiguration::Whole => true,
        BalancerConfiguration::Included => false,
    }
}

fn configured(words: &'static str, moment: &Moment<'_>, machine: &MachineName, upstreams: &[MachineName]) -> Sheet {
    let mut context = moment.context();
    context.insert("balancer".into(), value(moment));
    context.insert("upstreams".into(), moment.machines(upstreams));
    let sheet = Sheet::new(words, context);
    match &moment.migration.cluster.balancer {
        Some(balancer) => sheet.with(configuration(moment, balancer, machine, upstreams)),
        None => sheet,
    }
}

fn configuration(moment: &Moment<'_>, balancer: &Balancer, machine: &MachineName, upstreams: &[MachineName]) -> Artifact {
    let port = moment.migration.cluster.distribution.api_port();
    let place = |name: &MachineName| moment.address(name).map(|address| format!("{}:{port}", bracketed(address)));
    let places: Vec<String> = upstreams.iter().filter_map(place).collect();
    let is_ipv6 = moment.address(machine).is_some_and(|address| address.is_ipv6());
    let context = json!({ "port": balancer.port, "upstreams": places, "is_whole": is_whole(balancer), "is_ipv6": is_ipv6 });
    Artifact {
        name: "nginx.conf",
        kind: ArtifactKind::NginxConf,
        destination: Destination::OnMachine { host: machine.clone(), path: balancer.file.to_string(), owner: "root:root", mode: "0644" },
        body: Body::Template { template: "nginx.conf", context: object(context) },
    }
}
