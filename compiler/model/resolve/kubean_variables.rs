//! Further variables of `group_vars.yml`: which are free, and what to do instead of setting those that are not.
//!
//! The operator passes that file on the command line, where it beats every inventory. Does not know which variables kubespray has.

use indexmap::IndexMap;
use serde_json::Value;

use super::context::Context;
use super::kubean::KUBEAN;
use crate::diag::render::is_hidden;
use crate::diag::{Code, Diagnostic};
use crate::spec::{NO_LONGER_SECRET, SecretForm, names_a_secret, secret_form};

/// Variables that would have to differ from machine to machine.
const OF_ONE_MACHINE: &[&str] = &[
    "ip",
    "access_ip",
    "ansible_host",
    "ansible_user",
    "ansible_port",
    "ansible_password",
    "ansible_ssh_pass",
    "ansible_become_password",
    "ansible_ssh_private_key_file",
    "etcd_member_name",
    "node_labels",
    "node_taints",
];

/// Variables that answer yes where kubespray asks, or let it go on where it would stop.
const SWITCHES: &[&str] = &["reset_confirmation", "skip_confirmation", "ignore_assert_errors", "allow_ungraceful_removal"];

/// Sorted by name: the order of variables has no meaning, and must change no byte.
pub(super) fn resolve(context: &mut Context<'_>, written: &IndexMap<String, Value>) -> IndexMap<String, Value> {
    for (name, value) in written {
        let pointer = format!("{KUBEAN}/variables/{name}");
        if let Some(diagnostic) = behind_balancer(context, name, &pointer).or_else(|| wrong_variable(context, name, value, &pointer)) {
            context.find(diagnostic);
        } else if let Some(label) = secret_label(name, value) {
            let diagnostic = Diagnostic::at(Code::M620, &context.key(&pointer), label)
                .why(NO_LONGER_SECRET)
                .help("keep it in a Secret beside the operator, and write a template here that looks it up: \"{{ lookup(…) }}\"")
                .help("change the secret if this file was ever shared");
            context.find(diagnostic);
        } else if let Some(bad) = control_character(value) {
            let label = format!("expected text without control characters, found U+{:04X}", u32::from(bad));
            context.find(Diagnostic::at(Code::M503, &context.place(&pointer), label));
        }
    }
    let mut variables = written.clone();
    variables.sort_unstable_keys();
    variables
}

/// kube-vip answers at an address in front of the API, which the plan must know.
fn behind_balancer(context: &Context<'_>, name: &str, pointer: &str) -> Option<Diagnostic> {
    if !name.starts_with("kube_vip_") || context.document.has(&format!("{KUBEAN}/loadBalancer")) {
        return None;
    }
    let label = format!("expected `loadBalancer` beside `{name}`, found none");
    let diagnostic = Diagnostic::at(Code::M617, &context.key(pointer), label)
        .why("workers would be told to ask kube-vip's address, and the plan expects that each has a proxy of its own.");
    Some(diagnostic.help_copy("declare the address", "loadBalancer: {address: 10.6.0.100}"))
}

fn wrong_variable(context: &Context<'_>, name: &str, value: &Value, pointer: &str) -> Option<Diagnostic> {
    let place = context.key(pointer);
    if let Some(advice) = instead(name) {
        return Some(
            Diagnostic::at(Code::M617, &place, format!("expected a variable that the plan leaves free, found `{name}`")).help(advice),
        );
    }
    if let Some(default) = relied_upon(name).filter(|default| *value != *default) {
        let label = format!("expected `{name}` to be {default}, found another value");
        let diagnostic = Diagnostic::at(Code::M617, &place, label).why("the plan's own commands rely on kubespray's default.");
        return Some(diagnostic.help("remove the variable; a cluster that was set up with another value is not supported yet"));
    }
    if OF_ONE_MACHINE.contains(&name) {
        let diagnostic = Diagnostic::at(Code::M618, &place, format!("expected a variable for all machines, found `{name}`"))
            .why("the operator passes these variables on the command line, where they beat what the inventory says of each machine.");
        return Some(diagnostic.help("remove the variable; addresses and users stand under `spec.machines`"));
    }
    if SWITCHES.contains(&name) {
        let diagnostic = Diagnostic::at(Code::M619, &place, format!("expected kubespray to keep its checks, found `{name}`"))
            .why("a check that is off for every operation is also off for the one that it would have stopped.");
        return Some(diagnostic.help("remove the variable: the plan sets it for an operation that needs it"));
    }
    None
}

/// What to do instead of setting a variable that is not free.
fn instead(name: &str) -> Option<&'static str> {
    let advice = match name {
        "kube_version" => "set `cluster.distribution.kubean.kubernetes`",
        "etcd_deployment_type" => "set `cluster.distribution.kubean.etcdDeployment`",
        "kubelet_max_pods" => "set `cluster.distribution.kubean.kubeletMaxPods`",
        "loadbalancer_apiserver" => "set `cluster.distribution.kubean.loadBalancer`",
        "loadbalancer_apiserver_localhost" => {
            "leave it out, or set `cluster.distribution.kubean.loadBalancer`: without one each worker has a proxy of its own"
        }
        "node" | "reset_nodes" => "leave it out: the plan says it for each operation",
        "kube_override_hostname" => "leave it out: a node's name is its machine's name",
        _ => return None,
    };
    Some(advice)
}

/// Defaults of kubespray on which the plan's own commands rely.
fn relied_upon(name: &str) -> Option<Value> {
    let default = match name {
        "kube_apiserver_port" => return Some(Value::from(6443)),
        "etcd_events_cluster_enabled" | "upgrade_cluster_setup" => return Some(Value::from(false)),
        "loadbalancer_apiserver_type" => "nginx",
        "bin_dir" => "/usr/local/bin",
        "etcd_data_dir" => "/var/lib/etcd",
        "etcd_config_dir" => "/etc/ssl/etcd",
        "etcd_cert_dir" => "/etc/ssl/etcd/ssl",
        "kube_config_dir" => "/etc/kubernetes",
        "kube_cert_dir" => "/etc/kubernetes/ssl",
        _ => return None,
    };
    Some(Value::from(default))
}

/// What is said of a variable that holds a secret: one that its key names, or one that shows by its form.
fn secret_label(name: &str, value: &Value) -> Option<String> {
    if let Some(key) = secret(name, value) {
        return Some(format!("expected no secret, found a value for `{key}`"));
    }
    formed_secret(name, value).map(|(key, form)| format!("expected no secret, found {} for `{key}`", form.words()))
}

/// The first text that is a secret by its form, with the key under which it stands.
fn formed_secret<'a>(key: &'a str, value: &'a Value) -> Option<(&'a str, SecretForm)> {
    match value {
        Value::String(text) => secret_form(text).map(|form| (key, form)),
        Value::Array(items) => items.iter().find_map(|item| formed_secret(key, item)),
        Value::Object(fields) => fields.iter().find_map(|(inner, value)| formed_secret(inner, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The first key that names a secret and has one. A truth value is none, nor is a template, which only says where to look.
fn secret<'a>(key: &'a str, value: &'a Value) -> Option<&'a str> {
    match value {
        Value::String(text) => (names_a_secret(key) && !(text.is_empty() || is_template(text))).then_some(key),
        Value::Number(_) => names_a_secret(key).then_some(key),
        Value::Array(items) => items.iter().find_map(|item| secret(key, item)),
        Value::Object(fields) => {
            let under_own_name = fields.iter().find_map(|(inner, value)| secret(inner, value));
            under_own_name.or_else(|| fields.values().filter(|_| names_a_secret(key)).find_map(|value| secret(key, value)))
        }
        Value::Null | Value::Bool(_) => None,
    }
}

fn is_template(text: &str) -> bool {
    text.trim().starts_with("{{") && text.trim().ends_with("}}")
}

/// Line ends and tabs belong to a text of several lines, which is written to YAML from its type.
fn control_character(value: &Value) -> Option<char> {
    let bad = |text: &str| text.chars().find(|character| is_hidden(*character) && !matches!(character, '\n' | '\t'));
    match value {
        Value::String(text) => bad(text),
        Value::Array(items) => items.iter().find_map(control_character),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| bad(key).or_else(|| control_character(value))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
