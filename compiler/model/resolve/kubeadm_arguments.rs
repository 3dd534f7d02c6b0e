//! Options that the cluster's own configuration gives to the parts of a control plane: none of them may undo what the plan decides.
//!
//! kubeadm lets `extraArgs` win over what it would write itself. Does not know what any other option means.

use serde_json::Value;

use super::context::Context;
use super::kubeadm::contradiction;
use crate::model::Kubeadm;

/// What each API server is given for its own machine and its own moment.
const OF_THE_PLAN: &[&str] = &["advertise-address", "etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers", "secure-port"];
/// The schema from which on `extraArgs` is a list of names and values (kubernetes.io, "kubeadm Configuration (v1beta4)").
const SCHEMA_OF_LISTS: &str = "kubeadm.k8s.io/v1beta4";

pub(super) fn check(context: &mut Context<'_>, kubeadm: &Kubeadm) {
    let schema = kubeadm.configuration.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    for part in ["apiServer", "controllerManager", "scheduler"] {
        let Some(arguments) = kubeadm.configuration.pointer(&format!("/{part}/extraArgs")) else { continue };
        let (is_right, wanted) = if schema == SCHEMA_OF_LISTS {
            (arguments.is_array(), "a list of `name` and `value`")
        } else {
            (arguments.is_object(), "a map of names and values")
        };
        if !is_right {
            let label = format!("expected {wanted}, as {} has it, found another form", schema.escape_debug());
            contradiction(context, &format!("{part}/extraArgs"), label, "copy the object from the cluster as it is");
        }
    }
    for (name, value) in kubeadm.configuration.pointer("/apiServer/extraArgs").map(named).unwrap_or_default() {
        check_of_server(context, name, value);
    }
}

fn check_of_server(context: &mut Context<'_>, name: &str, value: &str) {
    let at = "apiServer/extraArgs";
    if OF_THE_PLAN.contains(&name) {
        let label = format!("expected no `{name}`, which differs from machine to machine and from step to step, found one");
        contradiction(
            context,
            at,
            label,
            "take it out of the cluster's own configuration first: kubeadm gives it to each API server itself",
        );
    }
    check_health(context, name, value);
    if name.is_empty() || name.contains(|each: char| !matches!(each, 'a'..='z' | '0'..='9' | '-')) {
        let label = format!("expected an option without its dashes: a-z, 0-9 and `-`, found `{}`", name.escape_debug());
        contradiction(context, at, label, "give it as kubeadm itself accepts it");
    }
    if name == "endpoint-reconciler-type" && value != "lease" {
        let label = format!("expected `endpoint-reconciler-type: lease`, found `{}`", value.escape_debug());
        let help = "take it out of the cluster's own configuration first: with a fixed number of API servers, addresses of those that serve \
                    are dropped while there are more";
        contradiction(context, at, label, help);
    }
}

/// The plan, the load balancers and keepalived ask each API server for its health at its own address, and without a login.
fn check_health(context: &mut Context<'_>, name: &str, value: &str) {
    let label = match name {
        "anonymous-auth" if value == "false" => "expected no `anonymous-auth: \"false\"`, found it",
        "bind-address" if value.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()) => {
            "expected an API server that listens on its machine's address, found a `bind-address` that only the machine itself reaches"
        }
        _ => return,
    };
    let help = "take it out of the cluster's own configuration first: load balancers, keepalived and this plan ask /readyz of each API \
                server at its own address, without a login";
    contradiction(context, "apiServer/extraArgs", label.to_owned(), help);
}

/// Names and values, in either form.
fn named(arguments: &Value) -> Vec<(&str, &str)> {
    match arguments {
        Value::Object(map) => map.iter().map(|(name, value)| (name.as_str(), word(value))).collect(),
        Value::Array(list) => {
            list.iter().filter_map(|entry| Some((text(entry, "name")?, entry.get("value").map(word).unwrap_or_default()))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A truth value without quotation marks is read as well, though kubeadm would refuse it.
fn word(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Bool(false) => "false",
        Value::Bool(true) => "true",
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => "",
    }
}

fn text<'v>(entry: &'v Value, field: &str) -> Option<&'v str> {
    entry.get(field).and_then(Value::as_str)
}
