//! Which machines answer for the API.

use serde_json::{Value, json};

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;

use super::listed;

/// A server that was just started is given this long by the probe itself.
const LIMIT_SECONDS: u32 = 5;

pub fn differences(stage: &Stage<'_>, promised: &[String]) -> Result<Vec<String>> {
    let port = stage.api_port();
    let place = |(name, address): &(String, std::net::IpAddr)| (name.clone(), json!([[address.to_string(), port]]));
    let (serving, others): (Vec<_>, Vec<_>) = stage.addresses.iter().partition(|(name, _)| promised.contains(name));
    let question = json!({
        "etcd": [], "tls": Stage::observer_files(), "authority": stage.api_authority(), "limitSeconds": LIMIT_SECONDS,
        "endpoints": serving.into_iter().map(place).collect::<serde_json::Map<_, _>>(),
        "once": others.into_iter().map(place).collect::<serde_json::Map<_, _>>(),
    });
    let answers = stage.world.ask("probe.py", &[], &question)?;
    let seen: Vec<String> =
        stage.addresses.iter().map(|(name, _)| name.clone()).filter(|name| answers.get(name).is_some_and(Value::is_number)).collect();
    let agrees = seen.len() == promised.len() && seen.iter().all(|name| promised.contains(name));
    let text = || format!("API: the ledger says that {} serve; {} answer", listed(promised), listed(&seen));
    Ok(if agrees { Vec::new() } else { vec![text()] })
}
