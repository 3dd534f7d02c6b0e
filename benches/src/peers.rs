//! The programs that a team would use for the same files: how each is run, and the proof that it made the same files.
//!
//! Knows what peers are given (`peers/README.md`). Does not know how long they take.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::arena::{Arena, Tools, command, files};
use crate::kustomize;

/// A program that makes files of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// All files of the plan, and not the workers' alone.
    Jinja2Whole,
    Jinja2Json,
    Jinja2Yaml,
    GoJsonnet,
    Jsonnet,
    Ansible,
    Kustomize,
}

impl Peer {
    pub const ALL: [Self; 7] =
        [Self::Jinja2Whole, Self::Jinja2Json, Self::Jinja2Yaml, Self::GoJsonnet, Self::Jsonnet, Self::Ansible, Self::Kustomize];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jinja2Whole => "Jinja2, the whole plan",
            Self::Jinja2Json => "Jinja2, from JSON",
            Self::Jinja2Yaml => "Jinja2, from YAML",
            Self::GoJsonnet => "gojsonnet",
            Self::Jsonnet => "jsonnet",
            Self::Ansible => "Ansible's template module",
            Self::Kustomize => "kubectl kustomize",
        }
    }

    /// The program or package itself.
    pub fn program(self) -> &'static str {
        match self {
            Self::Jinja2Whole | Self::Jinja2Json | Self::Jinja2Yaml => "Jinja2",
            Self::GoJsonnet | Self::Jsonnet | Self::Kustomize => self.name(),
            Self::Ansible => "Ansible",
        }
    }

    /// Where it writes, in an arena.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Jinja2Whole => "jinja2-whole",
            Self::Jinja2Json => "jinja2-json",
            Self::Jinja2Yaml => "jinja2-yaml",
            Self::GoJsonnet => "gojsonnet",
            Self::Jsonnet => "jsonnet",
            Self::Ansible => "ansible",
            Self::Kustomize => "kustomize",
        }
    }

    /// The most machines with which it ends in a time that a run of the suite can wait for.
    pub fn most_machines(self) -> usize {
        match self {
            Self::Jinja2Whole | Self::Jinja2Json | Self::Jinja2Yaml => 10_000,
            Self::GoJsonnet | Self::Jsonnet | Self::Kustomize => 1_000,
            Self::Ansible => 100,
        }
    }

    /// What prints its version, and so tells whether it is there.
    pub fn version(self, tools: &Tools) -> Vec<OsString> {
        let of_package =
            |package| command(&[&tools.python, &"-c", &format!("from importlib.metadata import version; print(version('{package}'))")]);
        match self {
            Self::Jinja2Whole | Self::Jinja2Json | Self::Jinja2Yaml => of_package("Jinja2"),
            Self::GoJsonnet => of_package("gojsonnet"),
            Self::Jsonnet => command(&[&"jsonnet", &"--version"]),
            Self::Ansible => command(&[&"ansible-playbook", &"--version"]),
            Self::Kustomize => command(&[&"kubectl", &"version", &"--client"]),
        }
    }

    /// How it is run over the fleet of an arena.
    pub fn command(self, tools: &Tools, arena: &Arena, output: &Path) -> Vec<OsString> {
        let json = arena.path("fleet.json");
        let [jinja, jsonnet] = ["jinja2/render.py", "jsonnet/render.py"].map(|program| tools.peers.join(program));
        let told = |name: &str, value: &Path| format!("{name}{}", value.display());
        match self {
            Self::Jinja2Whole => command(&[&tools.python, &tools.peers.join("jinja2/tree.py"), &"render", &arena.path("learned"), &output]),
            Self::Jinja2Json => command(&[&tools.python, &jinja, &json, &output]),
            Self::Jinja2Yaml => command(&[&tools.python, &jinja, &arena.path("fleet.yaml"), &output]),
            Self::GoJsonnet => command(&[&tools.python, &jsonnet, &json, &output]),
            Self::Jsonnet => {
                let program = tools.peers.join("jsonnet/fleet.jsonnet");
                let fleet = told("fleet=", &json);
                command(&[&"jsonnet", &"-S", &"-m", &told("", output).as_str(), &"--ext-code-file", &fleet, &program])
            }
            Self::Ansible => {
                let [fleet, output] = [told("@", &json), told("output=", output)];
                command(&[&"ansible-playbook", &"-i", &"localhost,", &"-e", &fleet, &"-e", &output, &tools.peers.join("ansible/fleet.yml")])
            }
            Self::Kustomize => command(&[&"kubectl", &"kustomize", &arena.path("overlays"), &"-o", &output]),
        }
    }

    /// Makes what must lie there before it runs, which counts for nobody.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn prepare(self, arena: &Arena, output: &Path) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Jinja2Whole | Self::Jinja2Json | Self::Jinja2Yaml | Self::GoJsonnet => Ok(()),
            // Both make files and no folders.
            Self::Jsonnet | Self::Ansible => {
                let fleet: Value = serde_json::from_str(&fs::read_to_string(arena.path("fleet.json"))?)?;
                for machine in fleet["machines"].as_array().into_iter().flatten().filter_map(|machine| machine["name"].as_str()) {
                    fs::create_dir_all(output.join("steps/10-prepare").join(machine))?;
                    fs::create_dir_all(output.join("steps/60-add-workers").join(machine))?;
                }
                Ok(())
            }
            // It writes a file for each object only into a folder that is there.
            Self::Kustomize => Ok(fs::create_dir_all(output)?),
        }
    }

    /// Proves that it made the files of the plan: all of them or those of the fleet's workers, and byte for byte.
    ///
    /// # Errors
    /// Where a file is missing or differs.
    pub fn prove(self, output: &Path, plan: &Path, workers: usize) -> Result<(), Box<dyn Error>> {
        if self == Self::Kustomize {
            return kustomize::prove(output, plan, workers);
        }
        let made = files(output)?;
        let expected = if self == Self::Jinja2Whole { files(plan)?.len() } else { 3 * workers };
        if made.len() != expected {
            return Err(format!("{}: {} files for {workers} workers", self.name(), made.len()).into());
        }
        for file in made {
            let mut text = fs::read(output.join(&file))?;
            // The program of C++ ends each text with one more line break.
            if self == Self::Jsonnet {
                text.pop();
            }
            if text != fs::read(plan.join(&file))? {
                return Err(format!("{}: {} is not what the plan has", self.name(), file.display()).into());
            }
        }
        Ok(())
    }

    /// The first line that its version command prints; none where it is not there.
    pub fn found(self, tools: &Tools) -> Option<String> {
        let words = self.version(tools);
        let (program, arguments) = words.split_first()?;
        let said = Command::new(program).args(arguments).output().ok().filter(|said| said.status.success())?;
        let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        // kubectl names itself, and then the kustomize inside.
        let line = if self == Self::Kustomize { text.replace('\n', ", ") } else { text.lines().next()?.to_owned() };
        Some(line)
    }
}

/// Makes the templates of a whole plan from one that is there. They are what a person would have to write.
///
/// # Errors
/// Where the program fails.
pub fn learn(tools: &Tools, plan: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let done = Command::new(&tools.python).arg(tools.peers.join("jinja2/tree.py")).arg("learn").args([plan, folder]).output()?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into()) }
}

/// What peers are told of the fleet `k3s-external-etcd`: from the spec, and where in it each worker stands.
///
/// # Errors
/// Where the spec is not of that fleet.
pub fn fleet(spec: &str, release: &str) -> Result<Value, Box<dyn Error>> {
    let document: Value = serde_yaml::from_str(spec)?;
    let (cluster, machines) = (&document["spec"]["cluster"], &document["spec"]["machines"]);
    let target = spec.find("\n  target:").ok_or("the spec has no target")?;
    let before = spec[..target].lines().count();
    let place = |name: &str| spec[target..].lines().position(|line| line.trim() == format!("- {name}")).map(|line| before + line);
    let first = place("w-1").ok_or("the spec has no worker w-1")?;
    let column = spec.lines().nth(first - 1).and_then(|line| line.find("w-")).ok_or("the place of w-1 is wrong")? + 1;
    let workers = document["spec"]["target"]["workers"].as_array().ok_or("the target has no workers")?;
    let told = workers.iter().filter_map(Value::as_str).enumerate().map(|(index, name)| {
        json!({ "name": name, "address": machines[name]["address"], "line": first + index, "column": column, "index": index })
    });
    let mut known: Vec<&String> =
        machines.as_object().ok_or("the spec has no machines")?.keys().filter(|name| !name.starts_with("w-")).collect();
    known.sort();
    let k3s = &cluster["distribution"]["k3s"];
    let address = cluster["virtualIp"]["address"].as_str().and_then(|address| address.split('/').next()).unwrap_or_default();
    Ok(json!({
        "release": release,
        "token": k3s["token"]["file"],
        "server": format!("https://{address}:{}", k3s["httpsListenPort"]),
        "known": known.iter().map(|name| json!({ "name": name, "address": machines[name.as_str()]["address"] })).collect::<Vec<_>>(),
        "machines": told.collect::<Vec<_>>(),
    }))
}
