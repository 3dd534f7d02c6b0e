//! The script for nodes is run: in a directory of its own instead of `/`, with stand-ins for systemd and for those whom it asks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::{MEMBERS, SERVER, edited, example};

const SCRIPT: &str = "steps/65-repoint-clients/l-33-39/repoint-node.sh";
const OLD_MEMBERS: &str = "http://10.17.33.31:4012,http://10.17.33.32:4012,http://10.17.33.33:4012";

/// systemd: notes what it is asked; `refuses` and `dies` name a unit, once or (`always`) each time.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >> "$STATE/asked"
for unit; do :; done
case $1 in
  restart)
    if [ "$(cat "$STATE/refuses" 2>/dev/null)" = "$unit" ]; then rm -f "$STATE/refuses"; exit 1; fi
    if [ "$(cat "$STATE/always" 2>/dev/null)" = "$unit" ]; then exit 1; fi ;;
  is-active)
    if [ "$(cat "$STATE/dies" 2>/dev/null)" = "$unit" ]; then rm -f "$STATE/dies"; exit 3; fi ;;
esac
exit 0
"#;

/// The API and etcd, each of which may be away.
const CURL: &str = r#"#!/bin/sh
for url; do :; done
case $url in
  */healthz) [ ! -e "$STATE/api-away" ] && printf ok ;;
  */version) [ ! -e "$STATE/etcd-away" ] ;;
  *) exit 3 ;;
esac
"#;

/// Time passes quickly; while it does, flannel may take another subnet.
const SLEEP: &str = r#"#!/bin/sh
if [ -e "$STATE/subnet-moves" ]; then rm "$STATE/subnet-moves"; echo FLANNEL_SUBNET=172.24.9.1/22 > "$STATE/../run/flannel/subnet.env"; fi
"#;

struct Node {
    folder: tempfile::TempDir,
    script: String,
}

impl Node {
    /// A node with the usual files, and the script of the example.
    fn new() -> Self {
        let node = Self::with(example().file(SCRIPT));
        let kubelet = "# of the node\nAPI_SERVERS='--api-servers=http://10.17.33.30:8080'\nCLUSTER_DNS='--cluster-dns=172.16.40.1'\n";
        node.write("etc/sysconfig/kubelet", kubelet);
        node.write("etc/sysconfig/kube-proxy", "KUBE_MASTER=\"--v=2 --master=http://10.17.33.30:8080 --masquerade-all\"\n");
        node.write("etc/sysconfig/flanneld", &format!("FLANNEL_ETCD=\"{OLD_MEMBERS}\"\nFLANNEL_ETCD_KEY=\"/flannel/network\"\n"));
        node
    }

    /// Every path of the script is moved below a directory; nothing else of it changes.
    fn with(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        let script = ["/etc/", "/var/backups/", "/run/flannel/"].iter().fold(script.to_owned(), |text, path| {
            text.replace(&format!(" {path}"), &format!(" {root}{path}"))
                .replace(&format!("({path}"), &format!("({root}{path}"))
                .replace(&format!("={path}"), &format!("={root}{path}"))
        });
        let node = Self { folder, script };
        for (name, text) in [("systemctl", SYSTEMCTL), ("curl", CURL), ("sleep", SLEEP)] {
            let path = node.write(&format!("bin/{name}"), text);
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        node.write("run/flannel/subnet.env", "FLANNEL_NETWORK=172.24.0.0/13\nFLANNEL_SUBNET=172.24.4.1/22\n");
        node.write("state/asked", "");
        node
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Something that is so from here on: `refuses` or `dies` with a unit, `api-away`, `etcd-away`, `subnet-moves`.
    fn let_it_be(&self, what: &str, unit: &str) {
        self.write(&format!("state/{what}"), unit);
    }

    /// The files that units read, as they are.
    fn files(&self) -> Vec<String> {
        ["kubelet", "kube-proxy", "flanneld"].iter().map(|name| self.read(&format!("etc/sysconfig/{name}"))).collect()
    }

    fn restarts(&self) -> usize {
        self.read("state/asked").lines().filter(|line| line.starts_with("restart ")).count()
    }

    fn run(&self, verb: &str) -> Output {
        let script = self.write("script.sh", &self.script);
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.arg(script).arg(verb).env("PATH", path).env("STATE", self.folder.path().join("state"));
        command.output().unwrap()
    }

    /// Runs it, and expects this last line with this success.
    #[track_caller]
    fn says(&self, verb: &str, last: &str, is_well: bool) {
        let output = self.run(verb);
        let said = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((said.lines().last(), output.status.success()), (Some(last), is_well), "{said}\n{error}");
        assert_eq!(error, "");
    }
}

#[test]
fn one_address_changes_in_each_file_and_nothing_beside_it() {
    let node = Node::new();
    node.says("apply", "repointed", true);
    assert_eq!(
        node.files(),
        [
            format!("# of the node\nAPI_SERVERS='--api-servers={SERVER}'\nCLUSTER_DNS='--cluster-dns=172.16.40.1'\n"),
            format!("KUBE_MASTER=\"--v=2 --master={SERVER} --masquerade-all\"\n"),
            format!("FLANNEL_ETCD=\"{MEMBERS}\"\nFLANNEL_ETCD_KEY=\"/flannel/network\"\n"),
        ]
    );
    let restart = "restart --job-mode=ignore-dependencies";
    let asked = node.read("state/asked");
    let expected =
        ["daemon-reload".to_owned(), format!("{restart} kubelet"), format!("{restart} kube-proxy"), format!("{restart} flanneld")];
    assert_eq!(asked.lines().take(4).collect::<Vec<_>>(), expected);
}

#[test]
fn a_second_run_changes_nothing_and_forgets_nothing() {
    let node = Node::new();
    let before = node.files();
    node.says("apply", "repointed", true);
    let once = node.files();
    node.says("apply", "repointed", true);
    assert_eq!(node.files(), once);
    node.says("undo", "as before", true);
    assert_eq!(node.files(), before, "what was kept is what stood there before the first run");
}

#[test]
fn the_way_back_restores_each_byte_and_may_be_gone_twice_or_first() {
    let node = Node::new();
    node.write("etc/sysconfig/kubelet", "API_SERVERS=--api-servers=http://10.17.33.30:8080\t \r\n\n# no end of line");
    let before = node.files();
    node.says("undo", "as before", true);
    assert_eq!(node.restarts(), 0, "nothing was changed");
    node.says("apply", "repointed", true);
    node.says("undo", "as before", true);
    assert_eq!(node.files(), before);
    node.says("undo", "as before", true);
    assert_eq!(node.files(), before);
}

#[test]
fn what_is_mended_after_a_way_back_is_not_taken_back_with_the_next_one() {
    let node = Node::new();
    node.says("apply", "repointed", true);
    node.says("undo", "as before", true);
    let mended = "API_SERVERS='--api-servers=http://10.17.33.30:8080'\nCLUSTER_DNS='--cluster-dns=172.16.40.2'\n";
    node.write("etc/sysconfig/kubelet", mended);
    node.says("apply", "repointed", true);
    node.says("undo", "as before", true);
    assert_eq!(node.read("etc/sysconfig/kubelet"), mended);
}

#[test]
fn a_unit_that_fails_takes_the_whole_node_back() {
    for (what, unit) in [("refuses", "kubelet"), ("refuses", "flanneld"), ("dies", "kube-proxy"), ("subnet-moves", "")] {
        let node = Node::new();
        let before = node.files();
        node.let_it_be(what, unit);
        node.says("apply", "rolled back", false);
        assert_eq!(node.files(), before, "{what} {unit}");
        node.let_it_be("asked", "");
        node.write("run/flannel/subnet.env", "FLANNEL_SUBNET=172.24.4.1/22\n");
        // The unit is well again: the same step works.
        node.says("apply", "repointed", true);
    }
}

#[test]
fn a_node_on_which_not_even_the_way_back_works_is_named() {
    let node = Node::new();
    let before = node.files();
    node.let_it_be("always", "kube-proxy");
    node.says("apply", "NEITHER changed nor rolled back: look at this node", false);
    assert_eq!(node.files(), before, "its files are those of before");
    node.let_it_be("always", "");
    node.says("undo", "as before", true);
}

#[test]
fn nothing_is_changed_on_a_node_that_would_find_nobody() {
    for (what, said) in [("api-away", "not changed: the API does not answer here"), ("etcd-away", "not changed: etcd does not answer here")]
    {
        let node = Node::new();
        let before = node.files();
        node.let_it_be(what, "");
        node.says("apply", said, false);
        assert_eq!((node.files(), node.restarts()), (before, 0), "{what}");
    }
}

#[test]
fn nothing_is_changed_where_an_address_does_not_stand_where_the_spec_says() {
    for (file, text) in [
        ("flanneld", "FLANNEL_ENDPOINTS=\"http://10.17.33.31:4012\"\n"),
        // A bare address in place of the flag would be no flag any more.
        ("flanneld", "FLANNEL_ETCD=\"-etcd-endpoints=http://10.17.33.31:4012\"\n"),
        ("flanneld", "#FLANNEL_ETCD=\"http://10.17.33.31:4012\"\n"),
        ("kubelet", "KUBELET_OPTS='--api-servers=http://10.17.33.30:8080'\n"),
        ("kubelet", "API_SERVERS='--kubeconfig=/etc/kubernetes/kubelet.conf'\n"),
        ("kube-proxy", "KUBE_MASTER='--bind-address-master=http://10.17.33.30:8080'\n"),
    ] {
        let node = Node::new();
        node.write(&format!("etc/sysconfig/{file}"), text);
        let before = node.files();
        node.says("apply", "not changed: a file is not as the spec says", false);
        assert_eq!((node.files(), node.restarts()), (before, 0), "{file}: {text}");
    }
    let node = Node::new();
    fs::remove_file(node.folder.path().join("etc/sysconfig/kube-proxy")).unwrap();
    node.says("apply", "not changed: a file is not as the spec says", false);
}

#[test]
fn quotes_dashes_and_neighbours_stay_as_they_are() {
    for (before, after) in [
        ("API_SERVERS=--api-servers=http://a:8080", "API_SERVERS=--api-servers=NEW"),
        ("API_SERVERS='-api-servers=http://a:8080'", "API_SERVERS='-api-servers=NEW'"),
        ("API_SERVERS=\"--api-servers http://a:8080 --v=2\"", "API_SERVERS=\"--api-servers NEW --v=2\""),
        ("API_SERVERS='--api-servers=http://a:8080,http://b:8080'", "API_SERVERS='--api-servers=NEW'"),
        ("API_SERVERS='--x-api-servers=1 --api-servers=http://a:8080'", "API_SERVERS='--x-api-servers=1 --api-servers=NEW'"),
        ("  API_SERVERS='--api-servers='", "  API_SERVERS='--api-servers=NEW'"),
    ] {
        let node = Node::new();
        node.write("etc/sysconfig/kubelet", &format!("X='--api-servers=x'\n{before}\nAPI_SERVERS_2='--api-servers=y'\n"));
        node.says("apply", "repointed", true);
        let expected = format!("X='--api-servers=x'\n{}\nAPI_SERVERS_2='--api-servers=y'\n", after.replace("NEW", SERVER));
        assert_eq!(node.read("etc/sysconfig/kubelet"), expected);
    }
    for (before, after) in [("A", "NEW"), ("'A'", "'NEW'"), ("\"A,B\"", "\"NEW\""), ("", "NEW")] {
        let node = Node::new();
        node.write("etc/sysconfig/flanneld", &format!("FLANNEL_ETCD={before}\nFLANNEL_ETCD_KEY=\"/x\"\n"));
        node.says("apply", "repointed", true);
        let expected = format!("FLANNEL_ETCD={}\nFLANNEL_ETCD_KEY=\"/x\"\n", after.replace("NEW", MEMBERS));
        assert_eq!(node.read("etc/sysconfig/flanneld"), expected);
    }
}

const KUBECONFIG: &str = "apiVersion: v1
clusters:
- cluster:
    server: http://10.17.33.30:8080
  name: local
users:
- name: kubelet
  user: {client-key-data: c2VjcmV0}
";

/// The example whose kubelets have a kubeconfig.
fn with_kubeconfig() -> Node {
    let nodes = "          inBatchesOf: 2\n";
    let kubelet = format!("{nodes}          kubelet: {{unit: kubelet, file: /etc/kubernetes/kubelet.conf}}\n");
    let node = Node::with(edited(&[(nodes, &kubelet)]).file(SCRIPT));
    node.write("etc/sysconfig/kube-proxy", "KUBE_MASTER='--master=http://10.17.33.30:8080'\n");
    node.write("etc/sysconfig/flanneld", "FLANNEL_ETCD='http://10.17.33.31:4012'\n");
    let path = node.write("etc/kubernetes/kubelet.conf", KUBECONFIG);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    node
}

#[test]
fn a_kubeconfig_gets_its_server_and_stays_as_secret_as_it_was() {
    let node = with_kubeconfig();
    node.says("apply", "repointed", true);
    assert_eq!(node.read("etc/kubernetes/kubelet.conf"), KUBECONFIG.replace("http://10.17.33.30:8080", SERVER));
    let mode = |path: &str| fs::metadata(node.folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("etc/kubernetes/kubelet.conf"), 0o600);
    assert_eq!(mode("var/backups/replank/relocate-master/65-repoint-clients.l-33-39"), 0o700, "the copy holds a key");
    assert!(!node.folder.path().join("etc/kubernetes/kubelet.conf.replank-new").exists());
    node.says("undo", "as before", true);
    assert_eq!(node.read("etc/kubernetes/kubelet.conf"), KUBECONFIG);
}

#[test]
fn a_kubeconfig_with_two_servers_or_none_is_left_alone() {
    for text in [
        KUBECONFIG.replace("    server:", "    proxy:"),
        KUBECONFIG.replace("users:", "- cluster: \n    server: http://other:8080\nusers:"),
    ] {
        let node = with_kubeconfig();
        node.write("etc/kubernetes/kubelet.conf", &text);
        node.says("apply", "not changed: a file is not as the spec says", false);
        assert_eq!((node.read("etc/kubernetes/kubelet.conf"), node.restarts()), (text, 0));
    }
}

#[test]
fn a_word_that_it_does_not_know_is_refused() {
    let output = Node::new().run("repair");
    assert_eq!(output.status.code(), Some(64));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "expected apply or undo\n");
}
