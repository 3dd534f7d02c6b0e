//! From ocboot's settings to their part of the document.
//!
//! Takes the model's types apart field by field, as `cluster` does.

use super::cluster::secret;
use crate::model::{Database, Ocboot, Runner};
use crate::render::document::OcbootDocument;

pub fn ocboot(ocboot: &Ocboot) -> OcbootDocument {
    let Ocboot {
        release,
        directory,
        runner,
        stack,
        onecloud_version,
        image_repository,
        database: Database { host, port, user, password },
        enable_minio,
        as_controller,
        as_host,
        host_networks,
        pods,
        services,
        domain,
        region,
        zone,
        place: _,
    } = ocboot;
    OcbootDocument {
        release: release.value.to_string(),
        directory: directory.to_string(),
        runs_on: match runner {
            Runner::Workstation => None,
            Runner::Machine(machine) => Some(machine.value.to_string()),
        },
        stack: stack.word().into(),
        product_version: stack.product_version().into(),
        onecloud_version: onecloud_version.value.to_string(),
        image_repository: image_repository.as_str().into(),
        database_host: host.value.as_str().into(),
        database_port: port.get(),
        database_user: user.to_string(),
        database_password: secret(password),
        enable_minio: *enable_minio,
        as_controller: *as_controller,
        as_host: *as_host,
        host_networks: host_networks.iter().map(|(machine, interface)| (machine.to_string(), interface.to_string())).collect(),
        pods: pods.value.to_string(),
        services: services.value.to_string(),
        domain: domain.as_str().into(),
        region: region.to_string(),
        zone: zone.to_string(),
    }
}
