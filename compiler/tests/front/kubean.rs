//! What a right spec of a kubean cluster means.

use std::net::IpAddr;

use replank::model::{
    Around, Distribution, EtcdDeployment, EtcdJoin, EtcdTls, HookScope, ImportTool, JoinAddress, Kubean, MachineName, MachineState,
    Migration, PlaybookMoment, Release, RoleTravel, WorkerAccess,
};

use super::base::{BASE_KUBEAN, edited_kubean, human, resolve};

fn resolved(edits: &[(&str, &str)]) -> Migration {
    match resolve(&edited_kubean(edits)) {
        Ok((migration, _)) => migration,
        Err(_) => panic!("{}", human(&edited_kubean(edits))),
    }
}

fn kubean(migration: &Migration) -> &Kubean {
    let Distribution::Kubean(kubean) = &migration.cluster.distribution else { panic!("kubean is written") };
    kubean
}

/// Of one machine, at the source and at the target.
fn systems(migration: &Migration, machine: &str) -> [Option<String>; 2] {
    let os = &migration.machines[&MachineName::parse(machine).unwrap()].os;
    [&os.source, &os.target].map(|os| os.as_ref().map(ToString::to_string))
}

#[test]
fn the_base_is_read_without_a_finding() {
    let (_, warnings) = resolve(BASE_KUBEAN).expect("the base is right");
    assert!(warnings.is_empty());
}

#[test]
fn what_is_not_written_is_derived() {
    let migration = resolved(&[]);
    let kubean = kubean(&migration);
    assert_eq!(kubean.kubespray.value, Release::new(2, 23, 0));
    assert_eq!(&*kubean.kubespray.place.pointer, "/spec/cluster/distribution/kubean/image");
    assert_eq!(kubean.kube_version.to_string(), "v1.27.5");
    assert_eq!(kubean.namespace.as_str(), "kubean-system");
    let names = [&kubean.resource, &kubean.hosts_conf, &kubean.vars_conf, &kubean.ssh_auth].map(|name| name.as_str());
    assert_eq!(names, ["centos", "centos-hosts-conf", "centos-vars-conf", "centos-ssh-auth"]);
    assert_eq!((kubean.kubelet_max_pods, kubean.operations_limit.value), (110, 5));
    assert!(kubean.variables.keys().is_sorted());
    assert_eq!(migration.cluster.distribution.worker_access(), WorkerAccess::OwnProxy);
    assert_eq!(migration.cluster.distribution.role_travel(), RoleTravel::Together);
    assert_eq!(migration.target.join_address.value, JoinAddress::Machine(MachineName::parse("master-1").unwrap()));
    assert_eq!(migration.policy.etcd_join.value, EtcdJoin::Voter);
}

#[test]
fn what_is_written_wins() {
    let migration = resolved(&[
        (
            "        skipTags",
            "        resource: prod\n        varsConf: mine\n        namespace: ops\n        kubelethMaxPods: 1\n        skipTags",
        ),
        ("        kubelethMaxPods: 1\n", "        loadBalancer: {address: 10.6.0.100, port: 8443}\n"),
        ("spray-job:v0.12.2", "spray-job:ours\n        kubespray: 2.28.1"),
        ("1.27.5", "v1.31.6"),
    ]);
    let kubean = kubean(&migration);
    let names = [&kubean.namespace, &kubean.resource, &kubean.hosts_conf, &kubean.vars_conf].map(|name| name.as_str());
    assert_eq!(names, ["ops", "prod", "prod-hosts-conf", "mine"]);
    assert_eq!(kubean.kubespray.value, Release::new(2, 28, 1));
    assert_eq!(kubean.kube_version.to_string(), "1.31.6");
    let balancer = kubean.load_balancer.as_ref().unwrap();
    assert_eq!((balancer.address, balancer.port.get()), (IpAddr::from([10, 6, 0, 100]), 8443));
    assert_eq!(migration.cluster.distribution.worker_access(), WorkerAccess::LoadBalancer);
}

#[test]
fn etcd_is_what_kubespray_sets_up() {
    for (deployment, expected) in [("host", EtcdDeployment::Host), ("kubeadm", EtcdDeployment::Kubeadm)] {
        let migration = resolved(&[("etcdDeployment: host", &format!("etcdDeployment: {deployment}"))]);
        let etcd = &migration.cluster.etcd;
        assert_eq!((etcd.client_port.get(), etcd.peer_port.get()), (2379, 2380));
        assert_eq!([etcd.data_dir.as_str(), etcd.binary_directory.as_str()], ["/var/lib/etcd", "/usr/local/bin"]);
        assert_eq!([etcd.user.as_str(), etcd.cluster_token.as_str()], ["root", "k8s_etcd"]);
        assert_eq!(etcd.tls, EtcdTls::Kubespray(expected));
        assert!(etcd.member_names.is_empty() && etcd.flags.is_empty() && migration.cluster.virtual_ip.is_none());
    }
}

#[test]
fn members_join_as_the_image_joins_them() {
    let join = |deployment: &str, image: &str, kubernetes: &str| {
        let deployment = format!("etcdDeployment: {deployment}");
        let edits = [("etcdDeployment: host", deployment.as_str()), ("spray-job:v0.12.2", image), ("1.27.5", kubernetes)];
        resolved(&edits).policy.etcd_join.value
    };
    assert_eq!(join("host", "spray-job:v0.30.0", "1.32.9"), EtcdJoin::Voter);
    assert_eq!(join("kubeadm", "spray-job:v0.12.2", "1.28.0"), EtcdJoin::Voter);
    assert_eq!(join("kubeadm", "spray-job:v0.30.0", "1.32.9"), EtcdJoin::Learner);
}

#[test]
fn a_machine_has_the_system_of_its_end_unless_it_has_its_own() {
    let migration = resolved(&[
        ("10.6.0.21, ", "10.6.0.21, os: ubuntu-22.04, "),
        ("10.6.0.22}", "10.6.0.22, os: {source: rhel-7.9, target: ubuntu-24.04}}"),
    ]);
    let some = |source: &str, target: &str| [Some(source.to_owned()), Some(target.to_owned())];
    assert_eq!(systems(&migration, "master-1"), some("centos-7.9", "ubuntu-22.04"));
    assert_eq!(systems(&migration, "worker-1"), some("ubuntu-22.04", "ubuntu-22.04"));
    assert_eq!(systems(&migration, "worker-2"), some("rhel-7.9", "ubuntu-24.04"));
    let is_rebuilt = |name: &str| migration.is_rebuilt(&MachineName::parse(name).unwrap());
    assert!(is_rebuilt("master-1") && !is_rebuilt("worker-1") && is_rebuilt("worker-2"));
}

#[test]
fn a_machine_of_one_end_has_one_system() {
    let migration = resolved(&[
        ("    worker-2: {", "    help-1: {address: 10.6.0.31}\n    new-1: {address: 10.6.0.32, os: ubuntu-22.04}\n    worker-2: {"),
        (
            "    workers: [worker-1, worker-2]\n    etcd: [master-1, master-2, master-3]\n  policy:\n",
            "    workers: [worker-1, new-1]\n    etcd: [master-1, master-2, master-3]\n  temporary: {workers: [help-1]}\n  policy:\n",
        ),
    ]);
    assert_eq!(systems(&migration, "worker-2"), [Some("centos-7.9".to_owned()), None]);
    assert_eq!(systems(&migration, "new-1"), [None, Some("ubuntu-22.04".to_owned())]);
    assert_eq!(systems(&migration, "help-1"), [None, Some("ubuntu-22.04".to_owned())]);
    assert_eq!(migration.temporary.workers[0].value.as_str(), "help-1");
    assert!(migration.becomes_worker(&migration.temporary.workers[0].value));
}

#[test]
fn a_failed_machine_may_leave_or_be_rebuilt() {
    let migration = resolved(&[("10.6.0.13}", "10.6.0.13, state: failed}")]);
    assert_eq!(migration.machines[2].state, MachineState::Failed);
    assert!(migration.is_failed(&migration.machines[2].name) && migration.is_rebuilt(&migration.machines[2].name));
}

#[test]
fn room_that_is_not_declared_is_what_the_kubelet_runs() {
    let capacity = |edits: &[(&str, &str)]| resolved(edits).machines[3].pods.unwrap().capacity;
    assert_eq!(capacity(&[("        skipTags", "        kubeletMaxPods: 200\n        skipTags")]), 200);
    assert_eq!(capacity(&[("movable: 30", "movable: 30, capacity: 90")]), 90);
}

#[test]
fn packages_and_hooks_are_kept_in_order() {
    let migration = resolved(&[]);
    let kubean = kubean(&migration);
    let offline = kubean.offline.as_ref().unwrap();
    assert_eq!(offline.repository, "http://10.6.0.5:9000");
    let (os, import) = &offline.imports[0];
    assert_eq!((os.to_string().as_str(), import.tool), ("ubuntu-22.04", ImportTool::Dce5Installer));
    let hook = &kubean.hooks[0];
    assert_eq!((hook.around, hook.moment, hook.scope), (Around::Add, PlaybookMoment::Before, Some(HookScope::Machine)));
    assert_eq!(hook.playbook.value, "disable-firewalld.yml");
    assert_eq!(kubean.skip_tags, ["multus"]);
}
