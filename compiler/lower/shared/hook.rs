//! A team's own step: its commands are passed on as they stand.

use serde_json::{Value, json};

use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{Hook, HookCommand, HookId, HookPlace};

pub fn run(moment: &Moment<'_>, id: &HookId) -> Sheet {
    let mut context = moment.context();
    if let Some(hook) = moment.migration.hooks.iter().find(|hook| hook.id == *id) {
        context.insert("title_en".into(), json!(hook.title_en));
        context.insert("title_zh".into(), json!(hook.title_zh));
        for (name, commands) in
            [("before", &hook.preconditions), ("commands", &hook.run), ("after", &hook.verify), ("undo", &hook.rollback)]
        {
            context.insert(name.into(), commands.iter().map(|command| value(hook, command)).collect());
        }
    }
    Sheet::new("hook/run", context)
}

fn value(hook: &Hook, command: &HookCommand) -> Value {
    let on = match &hook.on {
        HookPlace::Workstation => "workstation",
        HookPlace::Machine(name) => name.as_str(),
    };
    json!({
        "on": on, "shell": command.shell, "expect": command.expect,
        "timeout": command.timeout_seconds, "retry": command.retry_every_seconds,
    })
}
