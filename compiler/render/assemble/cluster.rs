//! From what both ends share to its part of the document.
//!
//! Takes the model's types apart field by field: a new field of theirs does not compile until it is decided here whether a plan says it.

use crate::model::{
    Cluster, Distribution, EtcdSettings, EtcdTls, K3s, MachineName, Migration, Runtime, SecretReference, TlsFiles, VirtualIp,
};
use crate::render::document::{
    ClusterDocument, DatastoreDocument, DistributionDocument, EtcdDocument, K3sDocument, RuntimeDocument, SecretDocument, TlsDocument,
    VirtualIpDocument,
};

pub fn cluster(migration: &Migration) -> ClusterDocument {
    let Cluster { name, distribution, etcd: settings, virtual_ip: address } = &migration.cluster;
    ClusterDocument {
        name: name.to_string(),
        distribution: match distribution {
            Distribution::K3s(settings) => DistributionDocument::K3s(k3s(settings)),
        },
        etcd: etcd(migration, settings),
        virtual_ip: address.as_ref().map(|address| virtual_ip(migration, address)),
    }
}

fn k3s(k3s: &K3s) -> K3sDocument {
    let K3s { version, runtime, https_listen_port, token, binary, install_script, images, server_config, agent_config } = k3s;
    K3sDocument {
        version: version.value.to_string(),
        // An embedded datastore is refused when the spec is resolved.
        datastore: DatastoreDocument::External,
        runtime: match runtime {
            Runtime::Containerd => RuntimeDocument::Containerd,
            Runtime::Docker => RuntimeDocument::Docker,
        },
        https_listen_port: https_listen_port.get(),
        token: secret(token),
        binary: binary.to_string(),
        install_script: install_script.to_string(),
        images: images.iter().map(ToString::to_string).collect(),
        server_config: server_config.clone(),
        agent_config: agent_config.clone(),
    }
}

fn etcd(migration: &Migration, etcd: &EtcdSettings) -> EtcdDocument {
    let EtcdSettings {
        client_port,
        peer_port,
        data_dir,
        binary_directory,
        cluster_token,
        user,
        tls,
        // Asked for below, with the names that are not declared.
        member_names: _,
        flags,
        place: _,
    } = etcd;
    let is_member = |machine: &&MachineName| migration.source.is_etcd_member(machine) || migration.target.is_etcd_member(machine);
    let members = migration.machines.keys().filter(is_member);
    EtcdDocument {
        client_port: client_port.get(),
        peer_port: peer_port.get(),
        data_dir: data_dir.to_string(),
        binary_directory: binary_directory.to_string(),
        cluster_token: cluster_token.to_string(),
        user: user.to_string(),
        tls: match tls {
            EtcdTls::None => None,
            EtcdTls::Files(files) => Some(certificates(files)),
        },
        member_names: members.map(|machine| (machine.to_string(), etcd.member_name(machine).to_owned())).collect(),
        flags: flags.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
    }
}

fn certificates(files: &TlsFiles) -> TlsDocument {
    let TlsFiles { ca, certificate, key, client_certificate, client_key } = files;
    TlsDocument {
        ca: ca.to_string(),
        certificate: certificate.to_string(),
        key: key.to_string(),
        client_certificate: client_certificate.to_string(),
        client_key: client_key.to_string(),
    }
}

fn virtual_ip(migration: &Migration, virtual_ip: &VirtualIp) -> VirtualIpDocument {
    let VirtualIp { address, interface, instance, router_id, password, source_priorities, place: _ } = virtual_ip;
    // In the machines' order: that of the spec's keys has no meaning, and must change no byte.
    let priorities = migration.machines.keys().filter_map(|machine| Some((machine.to_string(), *source_priorities.get(machine)?)));
    VirtualIpDocument {
        address: address.value.to_string(),
        interface: interface.to_string(),
        router_id: router_id.get(),
        instance: instance.to_string(),
        password: password.as_ref().map(secret),
        source_priorities: priorities.collect(),
    }
}

fn secret(reference: &SecretReference) -> SecretDocument {
    match reference {
        SecretReference::File(path) => SecretDocument::File(path.to_string()),
        SecretReference::Environment(name) => SecretDocument::Env(name.to_string()),
    }
}
