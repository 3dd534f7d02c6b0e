//! Mistakes about control planes: which keys travel, what certificates cover, how API servers are counted, who asks whom.

use crate::kubeadm::compiled::{NEW, OLD, edited, example, in_order};

/// The document copies the whole directory of certificates, the other machine's own among them.
#[test]
fn only_authorities_and_the_key_for_service_accounts_travel() {
    let plan = example();
    for name in NEW {
        let run = plan.part(&format!("40-add-control-plane/{name}"), "run");
        let packed = run.lines().find(|line| line.contains("tar -C /etc/kubernetes/pki -cf -")).unwrap();
        let listed: Vec<_> = packed.split_once("-cf - ").unwrap().1.split_once('\'').unwrap().0.split(' ').collect();
        assert_eq!(listed, ["ca.crt", "ca.key", "sa.key", "sa.pub", "front-proxy-ca.crt", "front-proxy-ca.key"]);
    }
}

/// kubeadm refuses to join a machine on which an authority lies, or what an interrupted join left (preflight `FileAvailable`).
#[test]
fn a_new_machine_joins_before_the_authorities_come_and_again_after_an_interruption() {
    let plan = edited(&[
        ("    workers: [master-1, master-2, master-3, node-1, node-2]", "    workers: [node-1, node-2]"),
        ("    workers: [oldmaster-1, oldmaster-2, oldmaster-3, node-1, node-2]", "    workers: [node-1, node-2]"),
    ]);
    for name in NEW {
        in_order(
            &plan.part(&format!("40-add-control-plane/{name}"), "run"),
            &[
                "it has joined before",
                "rm -f /etc/kubernetes/bootstrap-kubelet.conf",
                "kubeadm join --config",
                "-cf - ca.crt ca.key",
                "kubeadm init phase certs",
            ],
        );
    }
}

/// The document signs by hand, for the new addresses only.
#[test]
fn kubeadm_makes_each_certificate_for_its_machine_and_the_address() {
    let plan = example();
    for (name, address) in NEW.iter().zip(["10.200.20.101", "10.200.20.102", "10.200.20.103"]) {
        let id = format!("40-add-control-plane/{name}");
        let [cluster, machine] = &plan.documents(&format!("steps/{id}/kubeadm.yaml"))[..] else { panic!() };
        // kubeadm adds the machine's own name and address, the cluster's domain and the first address of its services.
        assert_eq!(cluster["apiServer"]["certSANs"], serde_json::json!(["10.200.20.241"]));
        assert_eq!(
            (&cluster["networking"]["dnsDomain"], &cluster["networking"]["serviceSubnet"]),
            (&"cluster.local".into(), &"10.96.0.0/12".into())
        );
        assert_eq!(machine["localAPIEndpoint"]["advertiseAddress"], address);
        in_order(
            &plan.part(&id, "run"),
            &["for certificate in apiserver apiserver-kubelet-client front-proxy-client", "-checkip 10.200.20.241"],
        );
        assert!(plan.part(&id, "verify").contains("-checkip 10.200.20.241"));
    }
    assert!(!plan.everything().contains("certs renew"), "it would keep the names of before");
    assert!(!plan.everything().contains("openssl req"));
}

#[test]
fn a_certificate_covers_the_address_also_where_the_cluster_had_not_named_it() {
    let plan = edited(&[("            certSANs: [10.200.20.241]\n", ""), ("          controlPlaneEndpoint: 10.200.20.241:443\n", "")]);
    let cluster = &plan.documents("steps/40-add-control-plane/master-1/kubeadm.yaml")[0];
    assert_eq!(cluster["apiServer"]["certSANs"], serde_json::json!(["10.200.20.241"]));
    assert_eq!(cluster["controlPlaneEndpoint"], "10.200.20.241:443");
}

/// The document counts two API servers where there are three, and six for a while.
#[test]
fn nobody_counts_api_servers_and_each_step_looks_where_the_api_is_published() {
    let plan = example();
    assert!(plan.files.values().all(|text| !text.contains("apiserver-count")));
    for name in OLD {
        let verify = plan.part(&format!("72-demote-control-planes/{name}"), "verify");
        in_order(&verify, &["get endpoints kubernetes -n default", "10.200.20.101 10.200.20.102 10.200.20.103"]);
    }
}

/// Calico's own controllers have the same short name as far as the kernel keeps it.
#[test]
fn nobody_takes_calicos_controllers_for_a_part_of_the_control_plane() {
    let plan = example();
    assert!(!plan.everything().contains("kube-apiserver|kube-controller|"));
    let run = plan.part("72-demote-control-planes/oldmaster-1", "run");
    assert!(run.contains("pgrep -f '^([^ ]*/)?kube-(apiserver|controller-manager|scheduler)( |$)'"));
}

/// A node counts as ready for a while after its kubelet has lost the API.
#[test]
fn a_kubelet_that_was_repointed_is_heard_of_anew() {
    let verify = example().part("65-repoint-clients/node-1", "verify");
    in_order(&verify, &["kube-node-lease get lease 'node-1'", "wait --for=condition=Ready"]);
}

/// What the configuration names and nobody set by hand would come to be with the new manifest.
#[test]
fn an_api_server_that_stays_runs_with_each_option_of_the_configuration() {
    let plan = edited(&[
        ("    controlPlane: [master-1, master-2, master-3]", "    controlPlane: [oldmaster-1, master-2, master-3]"),
        ("    workers: [oldmaster-1, oldmaster-2,", "    workers: [master-1, oldmaster-2,"),
        ("    virtualIp: [master-1, master-2, master-3]", "    virtualIp: [oldmaster-1, master-2, master-3]"),
    ]);
    assert!(plan.part("45-repoint-control-plane/oldmaster-1", "preconditions").contains("grep -qx -- 'authorization-mode'"));
}

/// The document names one port in nginx, another in its checks, and a third for clients.
#[test]
fn every_port_comes_from_one_declaration() {
    let other = [("        controlPlaneTakesPods: source\n", "        controlPlaneTakesPods: source\n        apiServerPort: 8443\n")];
    for (plan, port) in [(example(), 6443), (edited(&other), 8443)] {
        let machine = &plan.documents("steps/40-add-control-plane/master-1/kubeadm.yaml")[1];
        assert_eq!(machine["localAPIEndpoint"]["bindPort"], port);
        let nginx = plan.file("steps/47-start-load-balancers/master-1/nginx.conf");
        assert_eq!(nginx.matches(&format!(":{port} max_fails=")).count(), 3);
        assert!(nginx.contains("listen 443 "));
        assert!(plan.part("10-prepare/master-1", "preconditions").contains(&format!("for port in {port} 10257 10259")));
        assert_eq!(plan.documents("steps/85-settle-control-plane/cluster/endpoints.yaml")[0]["subsets"][0]["ports"][0]["port"], port);
    }
}

/// The document copies the kubeconfigs of scheduler and controllers from an old master, at which they go on asking.
#[test]
fn scheduler_and_controllers_ask_the_api_server_of_their_own_machine() {
    let run = example().part("40-add-control-plane/master-2", "run");
    in_order(
        &run,
        &["for file in admin controller-manager scheduler", "init phase kubeconfig", "for name in controller-manager scheduler"],
    );
    assert!(run.contains("--server=https://10.200.20.102:6443 --kubeconfig=\"$file\""));
}

/// The document removes load balancers and API servers in one sentence and leaves the keys of the cluster where they are.
#[test]
fn the_keys_of_the_cluster_leave_with_the_api_server() {
    let plan = example();
    for name in OLD {
        let run = plan.part(&format!("72-demote-control-planes/{name}"), "run");
        in_order(&run, &["manifests/kube-apiserver.yaml", "still runs", "/etc/kubernetes/admin.conf", "for file in ca.key sa.key"]);
        assert!(!run.contains("ca.crt ca.key"), "the kubelet reads the authority's certificate");
    }
}

/// Whatever lies in that directory runs.
#[test]
fn no_copy_of_a_manifest_is_kept_among_the_manifests() {
    let everything = example().everything();
    let copies = |line: &&str| line.contains("/etc/kubernetes/manifests") && (line.contains("cp ") || line.contains("mv "));
    assert_eq!(everything.lines().filter(copies).collect::<Vec<_>>(), Vec::<&str>::new());
}
