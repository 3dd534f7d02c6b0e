//! ocboot's own fields: a release whose k3s is known, a stack, a database by reference, interfaces of servers.
//!
//! Does not know roles; `ocboot_checks` does.

use indexmap::IndexMap;

use super::cluster::secret;
use super::context::{Context, Machines, escape};
use crate::diag::{Code, Diagnostic};
use crate::model::keepalived_pod::PRIORITIES;
use crate::model::{
    AbsolutePath, Cidr, Database, HostName, ImageRepository, InterfaceName, MachineName, Ocboot, OcbootRelease, PlainWord, Port, Release,
    Runner, Stack,
};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

pub(super) const OCBOOT: &str = "/spec/cluster/distribution/k3s/ocboot";

/// Whether the spec names ocboot, before anything of it is resolved.
pub(super) fn is_written(context: &Context<'_>) -> bool {
    let k3s = context.document.migration.spec.cluster.distribution.k3s.as_ref();
    k3s.is_some_and(|k3s| k3s.ocboot.is_some())
}

/// The priorities of the source, where ocboot gives them: the first of the list is the primary of today.
pub(super) fn given_priorities(context: &Context<'_>) -> IndexMap<MachineName, u8> {
    if !is_written(context) {
        return IndexMap::new();
    }
    let candidates = &context.document.migration.spec.source.virtual_ip;
    let given = |index: usize| if index == 0 { PRIORITIES.first } else { PRIORITIES.others };
    candidates.iter().enumerate().filter_map(|(index, name)| Some((MachineName::parse(&name.0).ok()?, given(index)))).collect()
}

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::Ocboot, machines: &Machines) -> Option<Ocboot> {
    let at = |field: &str| format!("{OCBOOT}/{field}");
    let release = context.parse(&at("release"), &written.release.0, OcbootRelease::parse);
    let directory = context.parse(&at("directory"), &written.directory.0, AbsolutePath::parse);
    let runner = match &written.runs_on {
        None => Some(Runner::Workstation),
        Some(name) => context.machine(&at("runsOn"), &name.0, machines).map(Runner::Machine),
    };
    let onecloud_version = context.parse(&at("onecloudVersion"), &written.onecloud_version.0, Release::parse);
    let image_repository = context.parse(&at("imageRepository"), &written.image_repository.0, ImageRepository::parse);
    let database = database(context, &written.database);
    let stack = stack(written.stack);
    let as_host = as_host(context, written.as_host, stack);
    let host_networks = host_networks(context, written, machines);
    let [pods, services] = [("pods", &written.network.pods), ("services", &written.network.services)]
        .map(|(field, network)| context.parse(&at(&format!("network/{field}")), &network.0, Cidr::parse));
    let domain = context.parse(&at("network/domain"), &written.network.domain.0, HostName::parse);
    let region = context.parse(&at("region"), &written.region.0, PlainWord::parse);
    let zone = context.parse(&at("zone"), &written.zone.0, PlainWord::parse);
    Some(Ocboot {
        release: Located::new(release?, context.place(&at("release"))),
        directory: directory?,
        runner: runner?,
        stack,
        onecloud_version: Located::new(onecloud_version?, context.place(&at("onecloudVersion"))),
        image_repository: image_repository?,
        database: database?,
        enable_minio: written.enable_minio,
        as_controller: written.as_controller,
        as_host,
        host_networks,
        pods: Located::new(pods?, context.place(&at("network/pods"))),
        services: Located::new(services?, context.place(&at("network/services"))),
        domain: domain?,
        region: region?,
        zone: zone?,
        place: context.key(OCBOOT),
    })
}

fn stack(written: spec::Stack) -> Stack {
    match written {
        spec::Stack::Full => Stack::Full,
        spec::Stack::Cmp => Stack::Cmp,
        spec::Stack::Virt => Stack::Virt,
        spec::Stack::LightVirt => Stack::LightVirt,
        spec::Stack::Ai => Stack::Ai,
    }
}

fn database(context: &mut Context<'_>, written: &spec::Database) -> Option<Database> {
    let at = |field: &str| format!("{OCBOOT}/database/{field}");
    let host = context.parse(&at("host"), &written.host.0, HostName::parse);
    let user = context.parse(&at("user"), &written.user.0, PlainWord::parse);
    let password = secret(context, &at("password"), &written.password);
    Some(Database {
        host: Located::new(host?, context.place(&at("host"))),
        port: Port::new(u64::from(written.port)).ok()?,
        user: user?,
        password: password?,
    })
}

/// `run.py` makes hosts of the machines of every stack but one.
fn as_host(context: &mut Context<'_>, written: Option<bool>, stack: Stack) -> bool {
    if let (Some(true), false) = (written, stack.has_hosts()) {
        let place = context.place(&format!("{OCBOOT}/asHost"));
        let label = format!("expected no hosts with the stack `{}`, found `asHost: true`", stack.word());
        let diagnostic = Diagnostic::at(Code::M909, &place, label).why("this stack manages other clouds, and runs no virtual machines.");
        context.find(diagnostic.help_copy("leave it out, or write", "asHost: false"));
    }
    written.unwrap_or_else(|| stack.has_hosts())
}

fn host_networks(context: &mut Context<'_>, written: &spec::Ocboot, machines: &Machines) -> IndexMap<MachineName, InterfaceName> {
    let mut networks = IndexMap::new();
    for (machine, interface) in &written.host_networks {
        let pointer = format!("{OCBOOT}/hostNetworks/{}", escape(&machine.0));
        let machine = context.machine_at(context.key(&pointer), &machine.0, machines);
        if let (Some(machine), Some(interface)) = (machine, context.parse(&pointer, &interface.0, InterfaceName::parse)) {
            networks.insert(machine.value, interface);
        }
    }
    networks.sort_unstable_keys();
    networks
}
