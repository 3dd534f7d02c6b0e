//! From what both ends share to its part of the document.
//!
//! Takes the model's types apart field by field: a new field of theirs does not compile until it is decided here whether a plan says it.

use crate::model::{
    Balancer, BalancerConfiguration, Cluster, Datastore, Distribution, EtcdApi, EtcdDeployment, EtcdProcess, EtcdSettings, EtcdTls, K3s,
    Kubeadm, Kubean, MachineName, Migration, PodsOnControlPlanes, Runtime, SecretReference, StaticPod, TlsFiles, VirtualIp,
};
use crate::render::document::{
    CalicoDocument, ClusterDocument, DatastoreDocument, DistributionDocument, EtcdApiDocument, EtcdDeploymentDocument, EtcdDocument,
    K3sDocument, KubeadmDocument, KubeanDocument, LoadBalancerDocument, RuntimeDocument, SecretDocument, StaticPodDocument,
    TakesPodsDocument, TlsDocument, VirtualIpDocument,
};

pub fn cluster(migration: &Migration) -> ClusterDocument {
    let Cluster { name, distribution, etcd: settings, virtual_ip: address, balancer } = &migration.cluster;
    ClusterDocument {
        name: name.to_string(),
        distribution: match distribution {
            Distribution::K3s(settings) => DistributionDocument::K3s(k3s(settings)),
            Distribution::Kubean(settings) => DistributionDocument::Kubean(kubean(settings)),
            Distribution::Kubeadm(settings) => DistributionDocument::Kubeadm(kubeadm(settings)),
            Distribution::Systemd(settings) => DistributionDocument::Systemd(Box::new(super::systemd::systemd(settings))),
        },
        etcd: etcd(migration, settings),
        virtual_ip: address.as_ref().map(|address| virtual_ip(migration, address)),
        load_balancer: balancer.as_ref().map(load_balancer),
    }
}

fn k3s(k3s: &K3s) -> K3sDocument {
    let K3s { version, datastore, runtime, https_listen_port, token, binary, install_script, images, server_config, agent_config, ocboot } =
        k3s;
    K3sDocument {
        version: version.value.to_string(),
        datastore: match datastore {
            Datastore::External => DatastoreDocument::External,
            Datastore::Embedded => DatastoreDocument::Embedded,
        },
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
        ocboot: ocboot.as_ref().map(|ocboot| Box::new(super::ocboot::ocboot(ocboot))),
    }
}

fn kubean(kubean: &Kubean) -> KubeanDocument {
    let Kubean {
        operator,
        image,
        kubespray,
        kube_version,
        etcd_deployment,
        management_kubeconfig,
        namespace,
        resource,
        hosts_conf,
        vars_conf,
        ssh_auth,
        variables,
        kubelet_max_pods,
        control_plane_takes_pods,
        load_balancer,
        offline,
        operations_limit,
        // What these do stands in each step's operation.
        skip_tags: _,
        hooks: _,
        place: _,
    } = kubean;
    KubeanDocument {
        version: operator.value.to_string(),
        image: image.as_str().to_owned(),
        kubespray: kubespray.value.to_string(),
        kube_version: kube_version.to_string(),
        etcd_deployment: match etcd_deployment {
            EtcdDeployment::Host => EtcdDeploymentDocument::Host,
            EtcdDeployment::Kubeadm => EtcdDeploymentDocument::Kubeadm,
        },
        management_kubeconfig: management_kubeconfig.to_string(),
        namespace: namespace.to_string(),
        resource: resource.to_string(),
        hosts_conf: hosts_conf.to_string(),
        vars_conf: vars_conf.to_string(),
        ssh_auth: ssh_auth.to_string(),
        control_plane_takes_pods: *control_plane_takes_pods,
        kubelet_max_pods: *kubelet_max_pods,
        operations_limit: operations_limit.value,
        load_balancer: load_balancer.as_ref().map(|balancer| format!("{}:{}", balancer.address, balancer.port)),
        repository: offline.as_ref().map(|offline| offline.repository.clone()),
        variables: variables.clone(),
    }
}

fn kubeadm(kubeadm: &Kubeadm) -> KubeadmDocument {
    let Kubeadm { version, configuration, api_server_port, takes_pods, calico, monitoring } = kubeadm;
    KubeadmDocument {
        version: version.value.to_string(),
        configuration: configuration.clone(),
        api_server_port: api_server_port.get(),
        control_plane_takes_pods: match takes_pods {
            PodsOnControlPlanes::Never => TakesPodsDocument::Never,
            PodsOnControlPlanes::Source => TakesPodsDocument::Source,
            PodsOnControlPlanes::Always => TakesPodsDocument::Always,
        },
        calico: calico.as_ref().map(|calico| CalicoDocument {
            version: calico.version.to_string(),
            namespace: calico.namespace.to_string(),
            config_map: calico.config_map.to_string(),
            node_daemon_set: calico.node_daemon_set.to_string(),
            controllers_deployment: calico.controllers_deployment.to_string(),
        }),
        monitoring: monitoring.iter().map(|each| format!("{}/{}", each.namespace, each.name)).collect(),
    }
}

fn load_balancer(balancer: &Balancer) -> LoadBalancerDocument {
    let Balancer { port, configuration, file, place: _ } = balancer;
    let is_whole = match configuration {
        BalancerConfiguration::Whole => true,
        BalancerConfiguration::Included => false,
    };
    LoadBalancerDocument { port: port.get(), is_whole, file: file.to_string() }
}

fn etcd(migration: &Migration, etcd: &EtcdSettings) -> EtcdDocument {
    let EtcdSettings {
        api,
        process,
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
        api: match api {
            EtcdApi::V2 => EtcdApiDocument::V2,
            EtcdApi::V3 => EtcdApiDocument::V3,
        },
        client_port: client_port.get(),
        peer_port: peer_port.get(),
        data_dir: data_dir.to_string(),
        binary_directory: binary_directory.to_string(),
        cluster_token: cluster_token.to_string(),
        user: user.to_string(),
        tls: match tls {
            EtcdTls::None => None,
            EtcdTls::Files(files) => Some(certificates(files)),
            EtcdTls::Kubespray(_) => tls.files_of(PLACEHOLDER).map(|files| certificates(&files)).map(named_by_machine),
        },
        member_names: members.map(|machine| (machine.to_string(), etcd.member_name(machine).to_owned())).collect(),
        flags: flags.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        static_pod: match process {
            EtcdProcess::Service => None,
            EtcdProcess::StaticPod(StaticPod { image, manifest }) => {
                Some(StaticPodDocument { image: image.as_str().to_owned(), manifest: manifest.to_string() })
            }
        },
    }
}

/// A machine's name that no machine has: an RFC 1123 label knows no underscore.
const PLACEHOLDER: &str = "_machine_";

fn named_by_machine(files: TlsDocument) -> TlsDocument {
    let TlsDocument { ca, certificate, key, client_certificate, client_key } = files;
    let [ca, certificate, key, client_certificate, client_key] =
        [ca, certificate, key, client_certificate, client_key].map(|path| path.replace(PLACEHOLDER, "{machine}"));
    TlsDocument { ca, certificate, key, client_certificate, client_key }
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

pub(super) fn secret(reference: &SecretReference) -> SecretDocument {
    match reference {
        SecretReference::File(path) => SecretDocument::File(path.to_string()),
        SecretReference::Environment(name) => SecretDocument::Env(name.to_string()),
    }
}
