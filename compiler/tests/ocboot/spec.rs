//! Specs of clusters that ocboot installs, and what they compile to. The first is the one of a published document: the first of three
//! servers has died.

use replank::pipeline::{Compiled, Refusal, compile};
use replank::render::Language;
use replank::source::SourceFile;

pub const SEED: &str = "apiVersion: replank/v1alpha1
kind: Migration
metadata: {name: replace-dead-server}
spec:
  cluster:
    name: cloudpods
    distribution:
      k3s:
        version: v1.28.5+k3s1
        datastore: embedded
        token: {file: /etc/rancher/k3s/join-token}
        ocboot:
          release: master-v3.11.10-0
          directory: /opt/ocboot
          stack: virt
          onecloudVersion: v3.11.9
          database: {host: 192.168.0.252, password: {file: /root/.database-password}}
          enableMinio: true
          hostNetworks: {lzx-ha-env-2: eth0, lzx-ha-env-3: eth0, lzx-test-add-node: eth0}
    virtualIp: {address: 192.168.0.66/24, interface: eth0, routerId: 66}
  machines:
    lzx-ha-env: {address: 192.168.0.254, state: failed}
    lzx-ha-env-2: {address: 192.168.0.244}
    lzx-ha-env-3: {address: 192.168.0.243}
    lzx-test-add-node: {address: 192.168.0.239}
  source:
    controlPlane: [lzx-ha-env, lzx-ha-env-2, lzx-ha-env-3]
    virtualIp: [lzx-ha-env, lzx-ha-env-2, lzx-ha-env-3]
    joinAddress: virtualIp
  target:
    controlPlane: [lzx-ha-env-2, lzx-ha-env-3, lzx-test-add-node]
    virtualIp: [lzx-ha-env-2, lzx-ha-env-3, lzx-test-add-node]
";

pub fn try_compile(text: &str) -> Result<Compiled, Refusal> {
    compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese])
}

pub fn compiled(text: &str) -> Compiled {
    try_compile(text).unwrap_or_else(|refusal| panic!("{refusal:?}\n{text}"))
}

/// Servers by number: those that have failed, those that leave alive, those that stay, those that join.
#[derive(Debug, Clone)]
pub struct Servers {
    pub failed: usize,
    pub leaving: usize,
    pub staying: usize,
    pub joining: usize,
    pub stack: &'static str,
    pub order: &'static str,
}

impl Servers {
    pub fn text(&self) -> String {
        let named = |kind: &str, count: usize| (0..count).map(|index| format!("{kind}-{index}")).collect::<Vec<_>>();
        let (failed, leaving) = (named("failed", self.failed), named("leaving", self.leaving));
        let (staying, joining) = (named("staying", self.staying), named("joining", self.joining));
        let machine = |(index, name): (usize, &String)| {
            let state = if name.starts_with("failed") { ", state: failed" } else { "" };
            format!("    {name}: {{address: 10.127.190.{}{state}}}\n", 20 + index)
        };
        let all: Vec<String> = failed.iter().chain(&leaving).chain(&staying).chain(&joining).cloned().collect();
        let source: Vec<_> = failed.iter().chain(&leaving).chain(&staying).cloned().collect();
        let target: Vec<_> = staying.iter().chain(&joining).cloned().collect();
        let networks = all.iter().filter(|name| !name.starts_with("failed")).map(|name| format!("{name}: eth0")).collect::<Vec<_>>();
        let networks = if self.stack == "cmp" { String::new() } else { format!("          hostNetworks: {{{}}}\n", networks.join(", ")) };
        format!(
            "apiVersion: replank/v1alpha1\nkind: Migration\nmetadata: {{name: random}}\nspec:\n  cluster:\n    name: cloud\n    distribution:\n      \
             k3s:\n        version: v1.28.5+k3s1\n        datastore: embedded\n        token: {{file: /etc/token}}\n        ocboot:\n          \
             release: master-v4.0.3-4\n          stack: {}\n          onecloudVersion: v4.0.3\n          \
             database: {{host: db.example.org, port: 3307, password: {{env: DATABASE_PASSWORD}}}}\n{networks}    \
             virtualIp: {{address: 10.127.190.10/24, interface: eth0, routerId: 25}}\n  machines:\n{}  \
             source:\n    controlPlane: [{source}]\n    virtualIp: [{source}]\n    joinAddress: virtualIp\n  \
             target:\n    controlPlane: [{target}]\n    virtualIp: [{target}]\n  policy: {{order: {}, minimumEtcdTolerance: 0}}\n",
            self.stack,
            all.iter().enumerate().map(machine).collect::<String>(),
            self.order,
            source = source.join(", "),
            target = target.join(", "),
        )
    }
}
