//! Applications whose volumes lie on single machines, and their rows.

use crate::ir::StorageFrame;
use crate::model::{Application, Data, Owner};
use crate::render::document::{ApplicationDocument, DataDocument, OperatedDocument, OwnerDocument, StorageFrameDocument, VolumeDocument};

pub fn application(application: &Application) -> ApplicationDocument {
    let volumes = application.volumes.iter();
    ApplicationDocument {
        name: application.name.to_string(),
        namespace: application.namespace.to_string(),
        owner: match &application.owner {
            Owner::StatefulSet(name) => OwnerDocument::StatefulSet(name.to_string()),
            Owner::Deployment { name, operator } => OwnerDocument::Deployment(OperatedDocument {
                name: name.to_string(),
                recreated_by: format!("{}/{}", operator.namespace, operator.deployment),
            }),
        },
        data: match application.data {
            Data::Replicated => DataDocument::Replicated,
            Data::Disposable => DataDocument::Disposable,
            Data::Unique => DataDocument::Unique,
        },
        needs: application.needs,
        volumes: volumes.map(|volume| VolumeDocument { claim: volume.claim.to_string(), on: volume.on.value.to_string() }).collect(),
    }
}

pub fn frame(frame: &StorageFrame) -> StorageFrameDocument {
    StorageFrameDocument {
        application: frame.application.to_string(),
        there: frame.there.iter().map(|(claim, on)| VolumeDocument { claim: claim.to_string(), on: on.to_string() }).collect(),
        volumes: frame.volumes,
        needs: frame.needs,
        fatal_hosts: frame.fatal_hosts.iter().map(ToString::to_string).collect(),
    }
}
