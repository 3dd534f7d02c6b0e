//! Every script of the recipes and of the benchmarks, as shellcheck reads it.

use std::fs;
use std::process::Command;

use serde_yaml::Value;

use super::scratch::recipe;

#[track_caller]
fn accepted(shell: &str, name: &str, script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    fs::write(&path, script).unwrap();
    let checked = Command::new("shellcheck").args(["--shell", shell]).arg(&path).output().unwrap();
    assert!(checked.status.success(), "{name}:\n{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn the_scripts_to_copy_are_accepted() {
    for name in ["comment.sh", "pre-commit"] {
        accepted("bash", name, &recipe(name));
    }
    accepted("bash", "benches/diff.sh", include_str!("../../../benches/diff.sh"));
    accepted("bash", "benches/run", include_str!("../../../benches/run"));
}

#[test]
fn the_steps_of_the_workflow_are_accepted() {
    let workflow: Value = serde_yaml::from_str(&recipe("github-actions.yml")).unwrap();
    for step in workflow["jobs"]["review"]["steps"].as_sequence().unwrap() {
        let Some(script) = step.get("run").and_then(Value::as_str) else { continue };
        accepted("bash", step["name"].as_str().unwrap(), script);
    }
}

#[test]
fn the_job_asks_for_no_more_than_sh() {
    let job: Value = serde_yaml::from_str(&recipe("gitlab-ci.yml")).unwrap();
    let script: Vec<&str> = job["replank"]["script"].as_sequence().unwrap().iter().map(|entry| entry.as_str().unwrap()).collect();
    accepted("sh", "gitlab-ci.yml", &script.join("\n"));
}
