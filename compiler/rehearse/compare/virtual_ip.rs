//! Who holds the virtual IP, who may take it, and with which priority.

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::render::document::VirtualIpFrameDocument;

use super::listed;

/// The machines that hold the address, as their kernels say.
pub fn holders(stage: &Stage<'_>) -> Result<Vec<String>> {
    let Some(address) = stage.virtual_ip() else { return Ok(Vec::new()) };
    let script =
        "address=$1; shift; for name; do ip -n \"$name\" -o address show to \"$address\" | grep -q . && echo \"$name\"; done; true";
    let mut arguments = vec!["-c", script, "sh", address];
    arguments.extend(stage.world.machines());
    Ok(stage.world.observe("sh", &arguments)?.stdout.lines().map(str::to_owned).collect())
}

/// A machine on which keepalived runs, with the priority that its configuration gives; 100 is keepalived's own default.
struct Candidate {
    machine: String,
    priority: Option<u8>,
    /// The configuration was written after keepalived had read it.
    is_unread: bool,
}

/// A configuration that was written and not read is no configuration yet; the stand-in for systemd notes when it had it read.
const CANDIDATE: &str = r#"
awk '$1 == "priority" { own = $2 } END { print own ? own : 100 }' /etc/keepalived/keepalived.conf
if [ /etc/keepalived/keepalived.conf -nt /run/stand-in/keepalived.service.read ]; then echo unread; fi
"#;

fn candidates(stage: &Stage<'_>) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for machine in stage.world.machines_that_run("keepalived")? {
        let said = stage.world.run(machine, CANDIDATE, std::time::Duration::from_secs(10))?.stdout;
        let mut lines = said.lines();
        if let Some(priority) = lines.next() {
            found.push(Candidate { machine: machine.to_owned(), priority: priority.parse().ok(), is_unread: lines.next().is_some() });
        }
    }
    Ok(found)
}

pub fn differences(stage: &Stage<'_>, row: Option<&VirtualIpFrameDocument>) -> Result<Vec<String>> {
    let Some(row) = row else {
        let holders = holders(stage)?;
        let text = || format!("virtual IP: the ledger has none; {} hold it", listed(&holders));
        return Ok(if holders.is_empty() { Vec::new() } else { vec![text()] });
    };
    let (mut found, seen, holders) = (Vec::new(), candidates(stage)?, holders(stage)?);
    let is_held_as_promised = match &holders[..] {
        [] => row.possible_holders.is_empty(),
        [one] => row.possible_holders.contains(one),
        [_, _, ..] => false,
    };
    if !is_held_as_promised {
        let possible = row.possible_holders.join(" or ");
        found.push(format!("virtual IP: the ledger says that {possible} holds it; {} hold it", listed(&holders)));
    }
    let promised: Vec<_> = row.candidates.iter().map(|candidate| &candidate.machine).collect();
    if seen.len() != promised.len() || !seen.iter().all(|each| promised.contains(&&each.machine)) {
        let running = listed(seen.iter().map(|each| &each.machine));
        found.push(format!("virtual IP: the ledger says that {} may take it; keepalived runs on {running}", listed(promised)));
    }
    for candidate in &row.candidates {
        let own = seen.iter().find(|each| each.machine == candidate.machine).and_then(|each| each.priority);
        let (Some(own), Some(promised)) = (own, candidate.priority) else { continue };
        if own != promised {
            let machine = &candidate.machine;
            found.push(format!("virtual IP: the ledger gives {machine} the priority {promised}; its configuration says {own}"));
        }
    }
    let unread = seen.iter().filter(|each| each.is_unread);
    found.extend(
        unread.map(|each| format!("virtual IP: keepalived on {} was not reloaded since its configuration was written", each.machine)),
    );
    found.extend(equal_priorities(&seen));
    Ok(found)
}

/// Two that are equal both take the address when its holder is gone.
fn equal_priorities(seen: &[Candidate]) -> Option<String> {
    let mut sorted: Vec<_> = seen.iter().filter_map(|each| Some((each.priority?, &each.machine))).collect();
    sorted.sort();
    let pair = sorted.windows(2).find_map(|pair| match pair {
        [(one, first), (other, second)] if one == other => Some((one, first, second)),
        _ => None,
    });
    pair.map(|(priority, first, second)| {
        format!("virtual IP: {first} and {second} have the same priority {priority}: both take the address when its holder is gone")
    })
}
