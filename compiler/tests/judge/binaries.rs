//! A cluster of binaries under systemd, for stories: its pod network and its DNS keep their data in etcd.

use indexmap::IndexMap;
use replank::model::*;
use replank::source::Located;

pub fn systemd(version: Located<Release>) -> Systemd {
    let label = |text: &str| Label::parse(text).unwrap();
    let (path, image) = (|text: &str| AbsolutePath::parse(text).unwrap(), |text: &str| Image::parse(text).unwrap());
    let component = |unit: &str| Component { unit: label(unit), flags: IndexMap::new() };
    let setting = |unit: &str| Setting { unit: label(unit), file: path("/etc/sysconfig/file"), form: SettingForm::Kubeconfig };
    Systemd {
        version,
        api_server_port: Port::new(8080).unwrap(),
        binary_directory: path("/usr/local/bin"),
        api_server: component("kube-apiserver"),
        controller_manager: component("kube-controller-manager"),
        scheduler: component("kube-scheduler"),
        proxy: None,
        flannel: Some(Flannel {
            unit: label("flanneld"),
            binary: path("/usr/local/bin/flanneld"),
            prefix: path("/coreos.com/network"),
            flags: IndexMap::new(),
            setting: setting("flanneld"),
        }),
        kubelet: setting("kubelet"),
        node_proxy: setting("kube-proxy"),
        in_batches_of: 2,
        at_once: 1,
        dns: Some(Dns {
            namespace: label("default"),
            domain: Token::parse("cluster.local").unwrap(),
            service: label("skydns-svc"),
            version: label("v9"),
            next_version: label("v10"),
            kube2sky: label("kube2sky"),
            kube2sky_image: image("kube2sky:0.4"),
            skydns: label("skydns"),
            skydns_image: image("skydns:1.5"),
            replicas: 1,
            nameservers: Vec::new(),
        }),
    }
}
