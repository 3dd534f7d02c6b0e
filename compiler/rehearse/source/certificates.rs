//! An authority of the rehearsal's own, and a certificate for every machine that serves and dials etcd.

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::Stage;
use crate::rehearse::world::DESK;
use crate::render::document::TlsDocument;

const SCRIPT: &str = r#"
set -eu
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=rehearsal -keyout ca.key -out ca.crt
for machine; do
    name=${machine%%=*}
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
    printf 'subjectAltName=DNS:%s,IP:%s,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" "${machine#*=}" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -extfile "$name.ext" -out "$name.crt"
done
"#;

/// The client beside the hosts has an address that is reserved for documentation.
const OBSERVER: &str = "observer=192.0.2.254";

/// Makes them all, and puts a machine's files where the spec says that they lie.
pub fn make(stage: &Stage<'_>) -> Result<()> {
    let machines: Vec<_> = stage.addresses.iter().map(|(name, address)| format!("{name}={address}")).collect();
    sign(stage, &machines)?;
    let Some(files) = &stage.cluster().etcd.tls else { return Ok(()) };
    stage.addresses.iter().try_for_each(|(machine, _)| install(stage, machine, files))
}

/// Makes the authority and the certificate of the client beside the hosts, and answers the authority with its key.
pub fn make_authority(stage: &Stage<'_>) -> Result<[String; 2]> {
    sign(stage, &[])?;
    Ok([stage.world.observe("cat", &["ca.crt"])?.stdout, stage.world.observe("cat", &["ca.key"])?.stdout])
}

fn sign(stage: &Stage<'_>, machines: &[String]) -> Result<()> {
    let mut arguments = vec!["-c", SCRIPT, "sh", OBSERVER];
    arguments.extend(machines.iter().map(String::as_str));
    let outcome = stage.world.observe("sh", &arguments)?;
    if outcome.succeeded() { Ok(()) } else { Err(Stop::Machine(format!("openssl: {}", outcome.stderr))) }
}

fn install(stage: &Stage<'_>, machine: &str, files: &TlsDocument) -> Result<()> {
    let wanted = [
        (&files.ca, "ca.crt".to_owned(), "0644"),
        (&files.certificate, format!("{machine}.crt"), "0644"),
        (&files.key, format!("{machine}.key"), "0644"),
        (&files.client_certificate, format!("{machine}.crt"), "0644"),
        (&files.client_key, format!("{machine}.key"), "0644"),
    ];
    for (destination, name, mode) in wanted {
        stage.world.install(machine, mode, &format!("{DESK}/{name}"), destination)?;
    }
    Ok(())
}
