//! The script that kubean's operator makes of an operation, and what `ansible-playbook` is given by it.
//!
//! Rebuilt from what the operator's template does (kubean v0.12 to v0.37, pkg/util/entrypoint): one line a playbook, no escaping. Written
//! without a look at how the compiler writes the same lines.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One run of `ansible-playbook`, argument by argument.
pub type Arguments = Vec<String>;

/// The entrypoint of an operation for one release of the operator.
pub fn script(operation: &Value, operator: (u32, u32)) -> String {
    let spec = &operation["spec"];
    let mut lines = vec!["#!/bin/bash".to_owned(), "set -o errexit".into(), "set -o nounset".into(), "set -o pipefail".into()];
    let hooks = |name: &str| spec[name].as_array().cloned().unwrap_or_default();
    let before = hooks("preHook");
    let after = hooks("postHook");
    for action in before.iter().chain(std::iter::once(spec)).chain(&after) {
        lines.push(line(action, operator));
    }
    lines.join("\n") + "\n"
}

fn line(action: &Value, operator: (u32, u32)) -> String {
    let text = |name: &str| action[name].as_str().unwrap_or_default();
    if text("actionType") == "shell" {
        return text("action").to_owned();
    }
    let inventory = if operator < (0, 27) { "/conf/hosts.yml" } else { "/dev/fd/200" };
    let mut line =
        format!("ansible-playbook -i {inventory} -b --become-user root -e \"@/conf/group_vars.yml\" --private-key /auth/ssh-privatekey");
    if text("action") == "reset.yml" {
        line.push_str(" -e \"reset_confirmation=yes\"");
    }
    if text("action") == "remove-node.yml" {
        line.push_str(" -e \"skip_confirmation=true\"");
    }
    format!("{line} /kubespray/{} {}", text("action"), text("extraArgs"))
}

/// Runs a script in which `ansible-playbook` prints what it is given.
pub fn run(script: &str) -> Result<Vec<Arguments>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).map_err(|error| error.to_string());
    write("ansible-playbook", "#!/bin/bash\nprintf '%s\\0' \"$#\" \"$@\" >> \"$ARGUMENTS\"\n")?;
    write("entrypoint.sh", script)?;
    write("arguments", "")?;
    let chmod = Command::new("chmod").arg("0755").arg(folder.path().join("ansible-playbook")).status();
    assert!(chmod.is_ok_and(|status| status.success()));
    let outcome = Command::new("bash")
        .arg(folder.path().join("entrypoint.sh"))
        .env("PATH", format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default()))
        .env("ARGUMENTS", folder.path().join("arguments"))
        .output()
        .map_err(|error| error.to_string())?;
    if !outcome.status.success() {
        return Err(String::from_utf8_lossy(&outcome.stderr).into_owned());
    }
    read(&folder.path().join("arguments"))
}

/// A number, then so many arguments.
fn read(path: &Path) -> Result<Vec<Arguments>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut words = text.split_terminator('\0').map(str::to_owned);
    let mut runs = Vec::new();
    while let Some(count) = words.next() {
        let count: usize = count.parse().map_err(|_| format!("{count} is no number"))?;
        runs.push(words.by_ref().take(count).collect());
    }
    Ok(runs)
}

#[test]
fn a_dollar_that_is_not_escaped_ends_the_entrypoint() {
    let operation = |arguments: &str| {
        let hook = serde_json::json!({"actionType": "playbook", "action": "enable-repo.yml", "extraArgs": arguments});
        serde_json::json!({"spec": {"actionType": "playbook", "action": "scale.yml", "preHook": [hook]}})
    };
    let bare = script(&operation("-e \"{repo_list: ['http://a/$releasever']}\""), (0, 12));
    assert!(run(&bare).is_err_and(|error| error.contains("unbound variable")));
    let escaped = script(&operation("-e \"{repo_list: ['http://a/\\$releasever']}\""), (0, 12));
    let runs = run(&escaped).unwrap();
    assert_eq!(runs[0].last().unwrap(), "{repo_list: ['http://a/$releasever']}");
    assert_eq!(runs[1].last().unwrap(), "/kubespray/scale.yml");
}

#[test]
fn a_line_break_in_the_arguments_begins_another_command() {
    let operation = serde_json::json!({"spec": {"actionType": "playbook", "action": "scale.yml", "extraArgs": "--limit=a\n-e b=c"}});
    assert!(run(&script(&operation, (0, 30))).is_err());
}
