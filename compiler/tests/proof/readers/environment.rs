//! Install environment files, read as the k3s install script is given them and as it passes them on to its unit.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{Texts, write_all};

const SHELLS: [(&str, &[&str]); 2] = [("dash", &["-c"]), ("bash", &["--posix", "-c"])];

/// Reads the file in a clean environment and exports everything in it.
const SOURCE: &str = "set -eu; set -a; . \"$1\"; set +a; env -0";

/// The same, then what the install script writes into the unit's environment file: its own words. bash prints `export`
/// as sh does only when it was started as sh.
const PASS_ON: &str = "set -a; . \"$1\"; set +a; $2 -c export | while read x v; do echo $v; done | grep -E '^(K3S|CONTAINERD)_' || true";

pub fn read(texts: &Texts) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let files = write_all(directory.path(), texts.keys(), ".env");
    let wrong = files
        .iter()
        .zip(texts.values())
        .filter_map(|(file, place)| read_install_environment(file).err().map(|reason| format!("{place}: {reason}")));
    wrong.collect()
}

/// The variables that the install script finds. `Err` where shells disagree, or where a K3S_ value does not arrive unchanged.
pub fn read_install_environment(file: &Path) -> Result<BTreeMap<String, String>, String> {
    let [first, second] = SHELLS.map(|(shell, flags)| variables(shell, flags, file));
    let (first, second) = (first?, second?);
    if first != second {
        return Err(format!("dash and bash read it differently: {first:?} and {second:?}"));
    }
    let passed_on: BTreeMap<_, _> = first.iter().filter(|(name, _)| name.starts_with("K3S_") || name.starts_with("CONTAINERD_")).collect();
    for (shell, as_sh) in [("dash", "dash"), ("bash", "bash --posix")] {
        let output = shell_output(shell, &["-c"], PASS_ON, file, as_sh)?;
        let found: BTreeMap<_, _> =
            output.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name, unquoted(value))).collect();
        let same =
            passed_on.len() == found.len() && passed_on.iter().all(|(name, value)| found.get(name.as_str()) == Some(&value.as_str()));
        if !same {
            return Err(format!("the install script under {as_sh} passes on {found:?}\nexpected {passed_on:?}"));
        }
    }
    Ok(first)
}

fn variables(shell: &str, flags: &[&str], file: &Path) -> Result<BTreeMap<String, String>, String> {
    let output = shell_output(shell, flags, SOURCE, file, "")?;
    let pairs = output.split('\0').filter_map(|pair| pair.split_once('='));
    let ours = pairs.filter(|(name, _)| !["PATH", "PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    Ok(ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn shell_output(shell: &str, flags: &[&str], script: &str, file: &Path, argument: &str) -> Result<String, String> {
    let mut command = Command::new("env");
    command.args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", shell]).args(flags).args([script, "sh"]).arg(file).arg(argument);
    let output = command.current_dir("/").output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !complaint.is_empty() {
        return Err(format!("{shell} does not read it: {}: {complaint}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// systemd reads the file afterwards and takes the quotes off.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(value)
}
