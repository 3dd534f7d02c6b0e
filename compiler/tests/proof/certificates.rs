//! An authority of the rehearsal's own, and a certificate for every machine that serves and dials.

use std::path::PathBuf;
use std::process::Command;

use indexmap::IndexMap;
use replank::model::TlsFiles;

use super::document::Machine;
use super::hosts::World;

pub struct Certificates {
    directory: tempfile::TempDir,
}

const AUTHORITY: &str = r#"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=rehearsal -keyout ca.key -out ca.crt
"#;

const CERTIFICATE: &str = r#"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
printf 'subjectAltName=DNS:%s,IP:%s,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth,clientAuth\n' "$1" "$2" >"$1.ext"
openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -extfile "$1.ext" -out "$1.crt"
"#;

/// The client beside the hosts.
const OBSERVER: &str = "observer";

impl Certificates {
    pub fn for_machines(machines: &IndexMap<String, Machine>) -> Self {
        let made = Self { directory: tempfile::tempdir().unwrap() };
        made.shell(AUTHORITY, &[]);
        made.shell(CERTIFICATE, &[OBSERVER, "192.0.2.254"]);
        for (name, machine) in machines {
            made.shell(CERTIFICATE, &[name, &machine.address.to_string()]);
        }
        made
    }

    fn shell(&self, script: &str, arguments: &[&str]) {
        let script = format!("set -eu{script}");
        let output = Command::new("sh").args(["-c", &script, "sh"]).args(arguments).current_dir(self.directory.path()).output().unwrap();
        assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts a machine's files where the spec says they lie.
    pub fn install(&self, world: &World, machine: &str, files: &TlsFiles) {
        let wanted = [
            (&files.ca, "ca.crt".to_owned()),
            (&files.certificate, format!("{machine}.crt")),
            (&files.key, format!("{machine}.key")),
            (&files.client_certificate, format!("{machine}.crt")),
            (&files.client_key, format!("{machine}.key")),
        ];
        for (destination, name) in wanted {
            world.install(machine, &self.directory.path().join(name).to_string_lossy(), &destination.to_string());
        }
    }

    /// Authority, certificate and key of the observer.
    pub fn observer(&self) -> [PathBuf; 3] {
        ["ca.crt", "observer.crt", "observer.key"].map(|name| self.directory.path().join(name))
    }
}
