//! Load balancers in front of the API: which nginx runs where, and whom it leads to.
//!
//! They are found by asking every machine, not by believing the plan. Reads nginx's own dump of its configuration.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::rehearse::world::Outcome;
use crate::render::document::FrameDocument;

use super::listed;

/// An nginx that leads to API servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balancer {
    pub machine: String,
    /// Where clients reach the API through it.
    pub address: IpAddr,
    pub port: u16,
    /// Machines.
    pub upstreams: Vec<String>,
    /// The cluster's own load balancer, which clients reach at the virtual IP.
    pub is_behind_the_address: bool,
}

impl Balancer {
    pub fn name(&self) -> String {
        format!("nginx on {}, port {}", self.machine, self.port)
    }

    /// Whether clients are given its own address. One behind the virtual IP is reached there alone: no certificate covers its machine's
    /// address for all the servers that it leads to.
    pub fn is_published(&self) -> bool {
        self.is_open() && !self.is_behind_the_address
    }

    /// Whether other machines reach it: one that listens on the loopback interface serves its own machine alone.
    pub fn is_open(&self) -> bool {
        !self.address.is_loopback()
    }
}

/// Prints nginx's configuration. It ends with 3 when the files are newer than the youngest worker, which has not read
/// them then; a second more, since the kernel's start times are that exact.
const DUMP: &str = r#"
worker=$(pgrep -n -x nginx) || exit 0
[ -e /etc/nginx/nginx.conf ] || exit 0
nginx -T 2>&1 || exit 1
began=$(date -d "$(ps -o lstart= -p "$worker")" +%s) || exit 0
find /etc/nginx -name '*.conf' -newermt "@$((began + 2))" | grep -q . && exit 3
true
"#;

/// Every nginx that runs, with each listener that leads to API servers. Nobody asks a machine that has failed.
pub fn balancers(stage: &Stage<'_>) -> Result<Vec<Balancer>> {
    let mut found = Vec::new();
    for machine in with_nginx(stage)? {
        found.extend(of_machine(stage, machine, &dump(stage, machine)?.stdout)?);
    }
    Ok(found)
}

fn with_nginx<'s>(stage: &'s Stage<'_>) -> Result<Vec<&'s str>> {
    let running = stage.world.machines_that_run("nginx")?;
    Ok(running.into_iter().filter(|machine| !stage.has_failed(machine)).collect())
}

fn dump(stage: &Stage<'_>, machine: &str) -> Result<Outcome> {
    stage.world.run(machine, DUMP, Duration::from_secs(10))
}

fn of_machine(stage: &Stage<'_>, machine: &str, dump: &str) -> Result<Vec<Balancer>> {
    let own = stage.address(machine)?;
    let mut found: Vec<Balancer> = Vec::new();
    for (listener, places) in listeners(dump) {
        let upstreams: Vec<String> = places.iter().filter_map(|place| machine_at(stage, place)).collect();
        let address = listener.address.filter(|address| !address.is_unspecified()).unwrap_or(own);
        // `listen 8443` beside `listen [::]:8443` is one place.
        let is_known = found.iter().any(|each| each.address == address && each.port == listener.port);
        if !upstreams.is_empty() && !is_known {
            let is_behind_the_address = stage.cluster().load_balancer.as_ref().is_some_and(|own| own.port == listener.port);
            found.push(Balancer { machine: machine.to_owned(), address, port: listener.port, upstreams, is_behind_the_address });
        }
    }
    Ok(found)
}

/// The machine whose API server an upstream names.
fn machine_at(stage: &Stage<'_>, place: &str) -> Option<String> {
    let (host, port) = place.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    let is_api = port.parse() == Ok(stage.api_port());
    let is_meant = |(name, address): &&(String, IpAddr)| is_api && (host == name || host.parse() == Ok(*address));
    stage.addresses.iter().find(is_meant).map(|(name, _)| name.clone())
}

pub fn differences(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for machine in with_nginx(stage)? {
        let dump = dump(stage, machine)?;
        match dump.exit {
            Some(0) => {}
            Some(3) => found.push(format!("load balancer: nginx on {machine} was not reloaded since its configuration was written")),
            Some(_) | None => {
                let reason = dump.stdout.lines().next().unwrap_or_default();
                found.push(format!("load balancer: nginx runs on {machine}, and does not accept its configuration: {reason}"));
            }
        }
        for balancer in of_machine(stage, machine, &dump.stdout)? {
            found.extend(wrong_upstreams(&balancer, row));
            if balancer.is_behind_the_address {
                found.extend(silence(stage, &balancer)?);
            }
        }
    }
    Ok(found)
}

fn wrong_upstreams(balancer: &Balancer, row: &FrameDocument) -> Vec<String> {
    let (name, upstreams) = (balancer.name(), &balancer.upstreams);
    let promised = &row.load_balancer_upstreams;
    // Where load balancers stand behind the virtual IP, the row tells of the one that holds it.
    let holders = row.virtual_ip.as_ref().map(|virtual_ip| &virtual_ip.possible_holders);
    let is_meant = !balancer.is_behind_the_address || holders.is_none_or(|holders| holders.contains(&balancer.machine));
    // A worker's own proxy goes on to know who has left until it is told, and passes over who does not answer: the ledger says so.
    let is_foretold = |upstream: &String| !balancer.is_open() && promised.contains(upstream);
    let gone = upstreams.iter().filter(|upstream| !row.api_servers.contains(upstream) && !is_foretold(upstream));
    let mut found: Vec<String> = gone.map(|gone| format!("load balancer: {name}, leads to {gone}, which does not serve the API")).collect();
    if is_meant && !promised.is_empty() && (promised.len() != upstreams.len() || !upstreams.iter().all(|each| promised.contains(each))) {
        let (promised, seen) = (listed(promised), listed(upstreams));
        found.push(format!("load balancer: the ledger says that it leads to {promised}; {name}, leads to {seen}"));
    }
    found
}

/// Whether the API answers through it to who came for the virtual IP, before the address comes as well as after.
fn silence(stage: &Stage<'_>, balancer: &Balancer) -> Result<Option<String>> {
    let Some(address) = stage.virtual_ip() else { return Ok(None) };
    let place = SocketAddr::new(balancer.address, balancer.port).to_string();
    let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
    let (route, url) = (format!("{host}:{}:{place}", balancer.port), format!("https://{host}:{}/readyz", balancer.port));
    let authority = stage.api_authority().unwrap_or_default();
    let question = ["--silent", "--max-time", "5", "--noproxy", "*", "--cacert", &authority, "--connect-to", &route, &url];
    let answered = stage.world.observe("curl", &question)?.stdout == "ok";
    Ok((!answered).then(|| format!("load balancer: the API does not answer through {}", balancer.name())))
}

/// One `listen`; no address stands for all of the machine's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listener {
    address: Option<IpAddr>,
    port: u16,
}

impl Listener {
    /// Of `8443`, `10.0.0.1:8443`, `[::1]:8443` or `*:8443`. A socket in the file system is none.
    fn of(place: &str) -> Option<Self> {
        let (address, port) = place.rsplit_once(':').map_or((None, place), |(address, port)| (Some(address), port));
        Some(Self { address: address.and_then(|address| address.trim_matches(['[', ']']).parse().ok()), port: port.parse().ok()? })
    }
}

#[derive(Debug, Default)]
struct Server {
    listeners: Vec<Listener>,
    target: Option<String>,
}

/// Each listener of a `server` block that passes on to an `upstream` block, with that block's servers, from `nginx -T`.
fn listeners(dump: &str) -> Vec<(Listener, Vec<String>)> {
    let mut upstreams: Vec<(String, Vec<String>)> = Vec::new();
    let mut servers: Vec<Server> = Vec::new();
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for statement in statements(dump) {
        match statement {
            Statement::Open(words) => {
                match (words.first().map(String::as_str), words.get(1)) {
                    (Some("upstream"), Some(name)) => upstreams.push((name.clone(), Vec::new())),
                    (Some("server"), None) => servers.push(Server::default()),
                    _ => {}
                }
                blocks.push(words);
            }
            Statement::Close => drop(blocks.pop()),
            Statement::Directive(words) => {
                let inside = |name: &str| blocks.iter().any(|block| block.first().is_some_and(|first| first == name));
                let (Some(name), Some(value)) = (words.first(), words.get(1)) else { continue };
                match (name.as_str(), upstreams.last_mut(), servers.last_mut()) {
                    // One that is marked `down` gets no connection.
                    ("server", Some((_, places)), _) if inside("upstream") && !words.iter().any(|word| word == "down") => {
                        places.push(value.clone());
                    }
                    ("listen", _, Some(server)) if inside("server") => server.listeners.extend(Listener::of(value)),
                    ("proxy_pass", _, Some(server)) if inside("server") => {
                        server.target = Some(value.rsplit("//").next().unwrap_or(value).trim_end_matches('/').to_owned());
                    }
                    _ => {}
                }
            }
        }
    }
    let places =
        |target: &String| upstreams.iter().find(|(name, _)| name == target).map_or(vec![target.clone()], |(_, places)| places.clone());
    let of = |server: Server| {
        let places = server.target.as_ref().map(places).unwrap_or_default();
        server.listeners.into_iter().map(move |listener| (listener, places.clone()))
    };
    servers.into_iter().flat_map(of).filter(|(_, places)| !places.is_empty()).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Statement {
    Open(Vec<String>),
    Directive(Vec<String>),
    Close,
}

/// nginx's syntax: words, `;`, braces; quotes group, a backslash escapes, and a comment begins where a word could.
fn statements(dump: &str) -> Vec<Statement> {
    let (mut found, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut letters = dump.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => word.get_or_insert_default().extend(letters.next()),
            '"' | '\'' if word.is_none() => word = Some(letters.by_ref().take_while(|each| *each != letter).collect()),
            '#' if word.is_none() => drop(letters.by_ref().find(|each| *each == '\n')),
            // `${name}` is part of a word.
            '{' if word.as_ref().is_some_and(|word| word.ends_with('$')) => {
                word.get_or_insert_default().extend(letters.by_ref().take_while(|each| *each != '}'));
            }
            '{' | '}' | ';' => {
                words.extend(word.take());
                match letter {
                    '{' => found.push(Statement::Open(std::mem::take(&mut words))),
                    ';' => found.push(Statement::Directive(std::mem::take(&mut words))),
                    _ => found.push(Statement::Close),
                }
            }
            _ if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Listener, listeners};

    fn seen(dump: &str) -> Vec<(Listener, String)> {
        listeners(dump).into_iter().map(|(listener, places)| (listener, places.join(" "))).collect()
    }

    fn at(address: &str, port: u16, places: &str) -> (Listener, String) {
        (Listener { address: address.parse().ok(), port }, places.to_owned())
    }

    #[test]
    fn a_listener_leads_to_the_servers_of_its_upstream() {
        let dump = "# configuration file /etc/nginx/nginx.conf:\nworker_processes 1; # server 9.9.9.9:1;\nhttp { server { listen 80; root /x; } }\n\
                    stream {\n  upstream api { server 10.0.0.1:6443 max_fails=2; server [fd00::2]:6443; }\n  upstream other { server 10.0.0.9:53; }\n\
                    server { listen [::]:8443; proxy_pass api; }\n server { listen 53; proxy_pass 10.0.0.9:53; } }";
        let expected = [at("::", 8443, "10.0.0.1:6443 [fd00::2]:6443"), at("all", 53, "10.0.0.9:53")];
        assert_eq!(seen(dump), expected);
    }

    #[test]
    fn every_listener_of_a_server_counts_and_a_server_that_is_down_does_not() {
        let dump = "stream { upstream api { server 10.0.0.1:6443; server 10.0.0.2:6443 down; }\n\
                    server { listen 127.0.0.1:8443; listen 8444; listen unix:/run/api.sock; proxy_pass api; } }";
        assert_eq!(seen(dump), [at("127.0.0.1", 8443, "10.0.0.1:6443"), at("all", 8444, "10.0.0.1:6443")]);
    }

    #[test]
    fn braces_and_semicolons_inside_quotes_and_variables_are_no_syntax() {
        let dump = "http { log_format main '{\"time\": \"$time\"; } # $status'; set $x ${host}y;\n\
                    upstream api { server 10.0.0.1:6443; } server { listen 8443 ssl; location / { proxy_pass https://api/; } } }";
        assert_eq!(seen(dump), [at("all", 8443, "10.0.0.1:6443")]);
    }
}
