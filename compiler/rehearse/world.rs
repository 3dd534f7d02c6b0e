//! A world of hosts: every machine of a plan with its address, its files and its processes, apart from this machine.
//!
//! `stand_ins/keeper` builds it; this file starts it, runs commands in it, cuts its links, and ends it. It knows nothing of
//! clusters and steps. Everything lies in namespaces whose first process ends with this value, so that nothing can be left over.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::json;

use super::finding::{Result, Stop};
use super::stand_ins;

pub const WORKSTATION: &str = "workstation";

/// Where the keeper laid the stand-ins out, and where the rehearsal may keep files of its own.
const STAND_INS: &str = "/run/rehearsal/stand-ins";
pub const DESK: &str = "/run/rehearsal/desk";

/// A machine of the plan, as its network sees it.
#[derive(Debug, Clone)]
pub struct Host {
    pub name: String,
    pub address: std::net::IpAddr,
    pub ssh_port: u16,
}

/// How the hosts are attached to their network.
#[derive(Debug, Clone)]
pub struct Network {
    pub interface: String,
    /// `None`: every other address is a neighbour, whatever its subnet.
    pub prefix: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Up,
    Down,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `None`: it did not end within its time.
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn succeeded(&self) -> bool {
        self.exit == Some(0)
    }
}

pub struct World {
    /// Variables that the operator has exported on the workstation.
    pub exported: BTreeMap<String, String>,
    keeper: Child,
    keeper_pid: u32,
    /// Name of each host to the process id of its init.
    inits: BTreeMap<String, u32>,
    /// Names in the order of their links.
    links: Vec<String>,
}

impl World {
    /// `absent` are paths that a fresh host does not have, whatever this machine has there.
    pub fn open(plan: &Path, hosts: &[Host], network: &Network, absent: &[String]) -> Result<Self> {
        let described = hosts.iter().map(|host| {
            json!({"name": host.name, "address": host.address.to_string(), "port": host.ssh_port,
                   "interface": network.interface, "prefix": network.prefix})
        });
        let order = json!({"standIns": stand_ins::texts(), "plan": plan.canonicalize()?, "absent": absent,
                           "hosts": described.collect::<Vec<_>>()});
        let mut keeper = Command::new("unshare")
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"])
            .args(["/usr/bin/python3", "-B", "-c", stand_ins::text("keeper/boot.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(input) = &mut keeper.stdin {
            writeln!(input, "{order}")?;
        }
        let mut line = String::new();
        if let Some(output) = &mut keeper.stdout {
            BufReader::new(output).read_line(&mut line)?;
        }
        let Ok(inits) = serde_json::from_str(&line) else {
            let status = keeper.wait()?;
            return Err(Stop::Machine(format!("the hosts of the rehearsal did not come up ({status}); the reason stands above")));
        };
        let children = format!("/proc/{pid}/task/{pid}/children", pid = keeper.id());
        let keeper_pid = std::fs::read_to_string(children)?.trim().parse().map_err(|_| Stop::Machine("the keeper has ended".to_owned()))?;
        let links = hosts.iter().map(|host| host.name.clone()).collect();
        let world = Self { exported: BTreeMap::new(), keeper, keeper_pid, inits, links };
        Ok(world)
    }

    /// Every machine, without the workstation.
    pub fn machines(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(String::as_str)
    }

    /// The machines on which a program of this name runs. The kernel is asked: to enter every host for that takes a hundred times as long.
    pub fn machines_that_run(&self, program: &str) -> Result<Vec<&str>> {
        let processes = format!("/proc/{}/root/proc", self.keeper_pid);
        let network = |process: &str| std::fs::read_link(format!("{processes}/{process}/ns/net")).ok();
        let mut networks = BTreeSet::new();
        for entry in std::fs::read_dir(&processes)? {
            let name = entry?.file_name();
            let process = name.to_string_lossy();
            let comm = std::fs::read_to_string(format!("{processes}/{process}/comm"));
            if comm.is_ok_and(|comm| comm.trim_end() == program) {
                // A process may end while it is looked at.
                networks.extend(network(&process));
            }
        }
        let runs = |host: &&str| {
            let init = self.inits.get(*host).and_then(|init| network(&init.to_string()));
            init.is_some_and(|init| networks.contains(&init))
        };
        Ok(self.machines().filter(runs).collect())
    }

    /// `name:pid` of the init of every host and of the workstation.
    pub fn inits(&self) -> impl Iterator<Item = String> {
        self.inits.iter().map(|(name, pid)| format!("{name}:{pid}"))
    }

    /// A small file that a stand-in keeps below a host's /run; nothing where there is none. No process is begun for it.
    pub fn note(&self, host: &str, name: &str) -> Result<String> {
        let path = format!("/proc/{}/root/proc/{}/root/run/{name}", self.keeper_pid, self.init(host)?);
        Ok(std::fs::read_to_string(path).unwrap_or_default())
    }

    fn init(&self, host: &str) -> Result<u32> {
        self.inits.get(host).copied().ok_or_else(|| Stop::Machine(format!("the plan has no machine {host}")))
    }

    /// Runs a shell command as root on a host, or on the workstation in the plan directory.
    pub fn run(&self, host: &str, shell: &str, limit: Duration) -> Result<Outcome> {
        let (role, init) = (if host == WORKSTATION { "workstation" } else { "machine" }, self.init(host)?);
        let mut command = self.beside(None);
        // Whoever does not end by being told to is killed; fractions of a second are for commands that are to be interrupted.
        command.args(["timeout", "--kill-after=5", &format!("{:.1}", limit.as_secs_f64().max(0.1))]);
        command.args([&format!("{STAND_INS}/keeper/enter"), &init.to_string(), role, "env"]);
        if host == WORKSTATION {
            command.args(self.exported.iter().map(|(name, value)| format!("{name}={value}")));
        }
        command.args(["bash", "-c", shell]);
        finish(command, limit, None)
    }

    /// Runs a program beside the hosts, with this machine's own files: an observer on the bridge.
    pub fn observe(&self, program: &str, arguments: &[&str]) -> Result<Outcome> {
        self.observe_with(program, arguments, None)
    }

    pub fn observe_with(&self, program: &str, arguments: &[&str], input: Option<&str>) -> Result<Outcome> {
        let mut command = self.beside(Some(DESK));
        command.args(["timeout", "--kill-after=5", "90", program]).args(arguments);
        finish(command, Duration::from_secs(90), input)
    }

    /// Starts a witness that watches from beside the hosts until its input closes.
    pub fn witness(&self, program: &str, arguments: &[String]) -> Result<Child> {
        let mut command = self.beside(None);
        command.args(["/usr/bin/python3", "-B", &witness_path(program)]).args(arguments);
        Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
    }

    /// Starts a program that serves from beside the hosts until the world ends.
    pub fn serve(&self, program: &str, arguments: &[String]) -> Result<()> {
        let mut command = self.beside(None);
        command.args(["/usr/bin/python3", "-B", &format!("{STAND_INS}/{program}")]).args(arguments);
        // Whoever ends the world ends it; nobody waits for it before.
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(())
    }

    /// Installs a machine anew: its own files and processes are gone, and it says that it runs `system`.
    pub fn reinstall(&self, host: &str, system: &str) -> Result<()> {
        let (program, init) = (format!("{STAND_INS}/keeper/reinstall.py"), self.init(host)?.to_string());
        self.must("/usr/bin/python3", &["-B", &program, host, &init, system], None)
    }

    /// Asks a witness once: its input as JSON, its answer as JSON.
    pub fn ask(&self, program: &str, arguments: &[String], input: &serde_json::Value) -> Result<serde_json::Value> {
        let path = witness_path(program);
        let mut words = vec!["-B", path.as_str()];
        words.extend(arguments.iter().map(String::as_str));
        let outcome = self.observe_with("/usr/bin/python3", &words, Some(&input.to_string()))?;
        serde_json::from_str(&outcome.stdout)
            .map_err(|error| Stop::Machine(format!("{program}: {error}: {}{}", outcome.stdout, outcome.stderr)))
    }

    /// The beginning of a command line that runs beside the hosts.
    fn beside(&self, directory: Option<&str>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.keeper_pid.to_string(), "--mount", "--net", "--pid"]);
        command.args(directory.map(|directory| format!("--wd=/proc/{}/root{directory}", self.keeper_pid))).arg("--");
        command
    }

    /// Puts a file into a host. `mode` is octal.
    pub fn write(&self, host: &str, path: &str, mode: &str, content: &str) -> Result<()> {
        self.place(host, path, mode, "/dev/stdin", Some(content))
    }

    /// Copies a file from beside the hosts into a host.
    pub fn install(&self, host: &str, mode: &str, from: &str, to: &str) -> Result<()> {
        self.place(host, to, mode, from, None)
    }

    /// The host itself writes: a path of its own that is a symbolic link would lead to this machine's files from beside it.
    fn place(&self, host: &str, path: &str, mode: &str, from: &str, content: Option<&str>) -> Result<()> {
        let (enter, init) = (format!("{STAND_INS}/keeper/enter"), self.init(host)?.to_string());
        let script = "exec \"$1\" \"$2\" machine install -D -m \"$3\" /dev/stdin \"$4\" <\"$5\"";
        self.must("sh", &["-c", script, "sh", &enter, &init, mode, path, from], content)
    }

    /// Cuts a host off, or puts it back.
    pub fn set_link(&self, host: &str, link: Link) -> Result<()> {
        let Some(index) = self.links.iter().position(|name| name == host) else {
            return Err(Stop::Machine(format!("the plan has no machine {host}")));
        };
        let state = match link {
            Link::Up => "up",
            Link::Down => "down",
        };
        self.must("ip", &["link", "set", &format!("h{}", index + 1), state], None)
    }

    fn must(&self, program: &str, arguments: &[&str], input: Option<&str>) -> Result<()> {
        let outcome = self.observe_with(program, arguments, input)?;
        if outcome.succeeded() {
            return Ok(());
        }
        Err(Stop::Machine(format!("{program} {}: {}{}", arguments.join(" "), outcome.stdout, outcome.stderr)))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut input) = self.keeper.stdin.take() {
            // A keeper that is gone already needs no word.
            let _ = writeln!(input, "finished");
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if self.keeper.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

fn witness_path(program: &str) -> String {
    format!("{STAND_INS}/witness/{program}")
}

fn finish(mut command: Command, limit: Duration, input: Option<&str>) -> Result<Outcome> {
    let started = Instant::now();
    let standard_input = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = command.stdin(standard_input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take().map(Said::by), child.stderr.take().map(Said::by));
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        // A program that does not read to the end says so by its exit code.
        let _ = pipe.write_all(text.as_bytes());
    }
    let exit = child.wait()?.code();
    let late = started.elapsed() >= limit && matches!(exit, Some(124 | 137) | None);
    let text = |said: Option<Said>| said.map(Said::text).unwrap_or_default();
    Ok(Outcome { exit: if late { None } else { exit }, stdout: text(stdout), stderr: text(stderr) })
}

/// What a program says, read while it runs. A child that it leaves behind may keep the pipe open for ever, and is not waited for.
struct Said {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

impl Said {
    fn by(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (end, ended) = mpsc::channel();
        let shared = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut piece = [0; 8192];
            while let Ok(count @ 1..) = pipe.read(&mut piece) {
                if let Ok(mut bytes) = shared.lock() {
                    bytes.extend(piece.iter().take(count));
                }
            }
            // Nobody listens when the wait below was over.
            let _ = end.send(());
        });
        Self { bytes, ended }
    }

    fn text(self) -> String {
        let _ = self.ended.recv_timeout(Duration::from_secs(2));
        self.bytes.lock().map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}
