//! The team's own playbooks around operations: whether operator and image know them. Does not know on which machines one should run.

use super::context::Context;
use super::kubean::KUBEAN;
use super::kubean_versions::Tag;
use crate::diag::{Code, Diagnostic, suggest};
use crate::model::{Around, HookScope, PLAYBOOKS, PlaybookHook, PlaybookMoment, Release};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

/// Those that say who is in the cluster, or restart control planes: the proof sees neither in a hook.
const CHANGING: &[&str] = &["reset.yml", "remove-node.yml", "cluster.yml", "scale.yml", "upgrade-cluster.yml", "renew-certs.yml"];

pub(super) fn resolve(context: &mut Context<'_>, written: &[spec::PlaybookHook], operator: Release, tag: Tag) -> Vec<PlaybookHook> {
    let mut hooks = Vec::new();
    for (index, hook) in written.iter().enumerate() {
        let place = context.place(&format!("{KUBEAN}/hooks/{index}/playbook"));
        check(context, &hook.playbook.0, &place, operator, tag);
        hooks.push(PlaybookHook {
            around: match hook.around {
                spec::Around::Add => Around::Add,
                spec::Around::Remove => Around::Remove,
            },
            moment: match hook.moment {
                spec::HookMoment::Before => PlaybookMoment::Before,
                spec::HookMoment::After => PlaybookMoment::After,
            },
            playbook: Located::new(hook.playbook.0.clone(), place),
            scope: hook.scope.map(|scope| match scope {
                spec::HookScope::Machine => HookScope::Machine,
                spec::HookScope::All => HookScope::All,
            }),
        });
    }
    hooks
}

fn check(context: &mut Context<'_>, name: &str, place: &Place, operator: Release, tag: Tag) {
    if CHANGING.contains(&name) {
        let label = format!("expected a playbook that leaves nodes and control planes as they are, found `{name}`");
        let diagnostic = Diagnostic::at(Code::M624, place, label)
            .why("it adds or removes machines, or restarts control planes, for every machine that it is not kept from: the plan's proof looks at its own steps only.");
        context.find(diagnostic.help("remove the hook: machines join and leave by the plan's own steps"));
        return;
    }
    let known: Vec<&str> = PLAYBOOKS.iter().filter(|known| known.operator <= operator).map(|known| known.name).collect();
    let Some(playbook) = PLAYBOOKS.iter().find(|known| known.name == name) else {
        let diagnostic = Diagnostic::at(Code::M625, place, format!("expected a playbook that kubean {operator} knows, found `{name}`"));
        let free = known.iter().copied().filter(|known| !CHANGING.contains(known));
        context.find(match suggest::nearest(name, free) {
            Some(near) => diagnostic.help_copy("did you mean", near),
            None => diagnostic.help("remove the hook, or write it as a step of your own under `spec.hooks`"),
        });
        return;
    };
    if playbook.operator > operator {
        let label = format!("expected a playbook that kubean {operator} knows, found `{name}`, which came with {}", playbook.operator);
        let diagnostic =
            Diagnostic::at(Code::M625, place, label).why("the operator ends an operation as failed at a playbook that it does not know.");
        context.find(diagnostic.help("remove the hook, or upgrade the operator first"));
    } else if let Some(image) = tag.kubean().filter(|image| *image < playbook.image) {
        let label =
            format!("expected a playbook that works in the image of kubean {image}, found `{name}`, which needs {}", playbook.image);
        let diagnostic = Diagnostic::at(Code::M626, place, label).why("the operator names the playbook, and the image brings the file.");
        context.find(diagnostic.help("remove the hook, or use a later image for every operation of this cluster"));
    }
}
