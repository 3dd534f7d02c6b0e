//! From a cluster of binaries under systemd to its part of the document.
//!
//! Takes the model's types apart field by field, as `cluster` does.

use crate::model::{Component, Dns, Flannel, Setting, SettingForm, Systemd};
use crate::render::document::{ComponentDocument, DnsDocument, FlannelDocument, SettingDocument, SystemdDocument};

pub fn systemd(systemd: &Systemd) -> SystemdDocument {
    let Systemd {
        version,
        api_server_port,
        binary_directory,
        api_server,
        controller_manager,
        scheduler,
        proxy,
        flannel,
        kubelet,
        node_proxy,
        // How nodes are batched stands in the steps.
        in_batches_of: _,
        at_once: _,
        dns,
    } = systemd;
    SystemdDocument {
        version: version.value.to_string(),
        api_server_port: api_server_port.get(),
        binary_directory: binary_directory.to_string(),
        api_server: component(api_server),
        controller_manager: component(controller_manager),
        scheduler: component(scheduler),
        proxy: proxy.as_ref().map(component),
        flannel: flannel.as_ref().map(self::flannel),
        kubelet: setting(kubelet),
        node_proxy: setting(node_proxy),
        dns: dns.as_ref().map(self::dns),
    }
}

fn component(component: &Component) -> ComponentDocument {
    let Component { unit, flags } = component;
    ComponentDocument { unit: unit.to_string(), flags: flags.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect() }
}

fn flannel(flannel: &Flannel) -> FlannelDocument {
    let Flannel { unit, binary, prefix, flags, setting: told } = flannel;
    FlannelDocument {
        unit: unit.to_string(),
        binary: binary.to_string(),
        prefix: prefix.to_string(),
        flags: flags.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        setting: setting(told),
    }
}

fn setting(setting: &Setting) -> SettingDocument {
    let Setting { unit, file, form } = setting;
    let (variable, flag) = match form {
        SettingForm::Variable { name, flag } => (Some(name.to_string()), flag.as_ref().map(ToString::to_string)),
        SettingForm::Kubeconfig => (None, None),
    };
    SettingDocument { unit: unit.to_string(), file: file.to_string(), variable, flag }
}

fn dns(dns: &Dns) -> DnsDocument {
    let Dns { namespace, domain, service, version, next_version, kube2sky, kube2sky_image, skydns, skydns_image, replicas, nameservers } =
        dns;
    DnsDocument {
        namespace: namespace.to_string(),
        domain: domain.to_string(),
        service: service.to_string(),
        version: version.to_string(),
        next_version: next_version.to_string(),
        kube2sky: kube2sky.to_string(),
        kube2sky_image: kube2sky_image.as_str().to_owned(),
        skydns: skydns.to_string(),
        skydns_image: skydns_image.as_str().to_owned(),
        replicas: *replicas,
        nameservers: nameservers.iter().map(ToString::to_string).collect(),
    }
}
