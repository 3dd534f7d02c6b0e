//! Machines with `state: failed`: they took part in the cluster, and are dead before the first step, for good.

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::rehearse::world::Link;

/// What runs on a machine ends with it; first its services, so that nothing starts them again.
const END: &str = r#"
for unit in $(systemctl services-of-the-rehearsal | sed -n 's/^service \(.*\)=.*/\1/p'); do
    systemctl kill -s KILL "$unit"
    systemctl stop "$unit"
done
kill -9 -1
"#;

/// Their link goes down first: nobody hears a last word of them.
pub fn end(stage: &Stage<'_>) -> Result<()> {
    for machine in stage.world.machines().filter(|machine| stage.has_failed(machine)) {
        stage.world.set_link(machine, Link::Down)?;
        // The shell that kills everything is killed as well.
        stage.world.run(machine, END, std::time::Duration::from_secs(30))?;
    }
    Ok(())
}
