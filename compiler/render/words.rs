//! The words and commands of a step: `templates/steps/<area>/<action>.yaml`.
//!
//! A template is YAML that is parsed first; each scalar is rendered after, so that no value can break the structure. Commands are
//! shared by both languages. Does not know what any step does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{Command, StepWords, Text, Trouble};
use super::engine::{Context, Engine, Piece};
use super::{RenderError, catalog, yaml};
use crate::lower::artifact::Destination;
use crate::lower::sheet::Sheet;

/// A step template as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    title: Option<Text>,
    why: Option<Text>,
    /// What is at stake while the step runs.
    risk: Option<Text>,
    #[serde(default)]
    preconditions: Vec<WrittenCommand>,
    #[serde(default)]
    run: Vec<WrittenCommand>,
    #[serde(default)]
    verify: Vec<WrittenCommand>,
    #[serde(default)]
    rollback: Vec<WrittenCommand>,
    /// Paths that a rollback leaves as they are, on purpose; one that a template writes in several lines is several.
    #[serde(default)]
    leaves: Vec<String>,
    no_way_back: Option<Text>,
    #[serde(default)]
    trouble: Vec<WrittenTrouble>,
    pause: Option<Text>,
    /// What documents written by hand say instead, and why that fails.
    unlike: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenCommand {
    /// The name of a value: the command is there only if it is true.
    when: Option<String>,
    /// The name of a list: the command is there once for each `item`.
    each: Option<String>,
    /// The name of a file of this step: the command copies it to its host. Excludes `on` and `shell`.
    ship: Option<String>,
    note: Option<Text>,
    on: Option<String>,
    shell: Option<String>,
    expect: Option<String>,
    timeout_seconds: Option<u32>,
    retry_every_seconds: Option<u32>,
    /// For the team's own commands, whose figures are values.
    timeout: Option<String>,
    retry: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTrouble {
    when: Option<String>,
    symptom: Text,
    action: Text,
}

/// How long a command may take where its template does not say: long enough for a slow disk, short enough for a night.
const TIMEOUT_SECONDS: u32 = 120;

#[derive(Default)]
pub struct Templates(BTreeMap<String, Prepared>);

struct Prepared {
    prose: BTreeMap<&'static str, PreparedText>,
    preconditions: Vec<PreparedCommand>,
    run: Vec<PreparedCommand>,
    verify: Vec<PreparedCommand>,
    rollback: Vec<PreparedCommand>,
    leaves: Vec<Piece>,
    trouble: Vec<(Option<String>, PreparedText, PreparedText)>,
}

struct PreparedText {
    en: Piece,
    zh: Piece,
}

struct PreparedCommand {
    when: Option<String>,
    each: Option<String>,
    ship: Option<String>,
    note: Option<PreparedText>,
    on: Piece,
    shell: Piece,
    expect: Option<Piece>,
    timeout_seconds: Option<u32>,
    retry_every_seconds: Option<u32>,
    timeout: Option<Piece>,
    retry: Option<Piece>,
}

impl Templates {
    /// Parses every step template and hands its scalars to the engine.
    pub fn load(engine: &mut Engine) -> Result<Self, RenderError> {
        let mut templates = BTreeMap::new();
        for (path, text) in catalog::texts() {
            if let Some(name) = path.strip_prefix("steps/").and_then(|rest| rest.strip_suffix(".yaml")) {
                let written: Written = yaml::read(path, text)?;
                templates.insert(name.to_owned(), prepare(engine, path, written)?);
            }
        }
        Ok(Self(templates))
    }

    fn get(&self, name: &str) -> Result<&Prepared, RenderError> {
        self.0.get(name).ok_or_else(|| RenderError(format!("no template steps/{name}.yaml")))
    }
}

fn prepare(engine: &mut Engine, path: &str, written: Written) -> Result<Prepared, RenderError> {
    let mut prose = BTreeMap::new();
    let texts = [
        ("title", written.title),
        ("why", written.why),
        ("risk", written.risk),
        ("noWayBack", written.no_way_back),
        ("pause", written.pause),
        ("unlike", written.unlike),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            prose.insert(name, prepare_text(engine, &format!("{path}#{name}"), text)?);
        }
    }
    let mut list = |name: &str, commands: Vec<WrittenCommand>| -> Result<Vec<PreparedCommand>, RenderError> {
        let numbered = commands.into_iter().enumerate();
        numbered.map(|(index, command)| prepare_command(engine, &format!("{path}#{name}.{index}"), command)).collect()
    };
    let (preconditions, run) = (list("preconditions", written.preconditions)?, list("run", written.run)?);
    let (verify, rollback) = (list("verify", written.verify)?, list("rollback", written.rollback)?);
    let leaves = written.leaves.iter().enumerate();
    let leaves = leaves.map(|(index, text)| engine.piece(format!("{path}#leaves.{index}"), text)).collect::<Result<_, _>>()?;
    let mut trouble = Vec::new();
    for (index, entry) in written.trouble.into_iter().enumerate() {
        let symptom = prepare_text(engine, &format!("{path}#trouble.{index}.symptom"), entry.symptom)?;
        let action = prepare_text(engine, &format!("{path}#trouble.{index}.action"), entry.action)?;
        trouble.push((entry.when, symptom, action));
    }
    Ok(Prepared { prose, preconditions, run, verify, rollback, leaves, trouble })
}

fn prepare_text(engine: &mut Engine, name: &str, text: Text) -> Result<PreparedText, RenderError> {
    Ok(PreparedText {
        en: engine.piece(format!("{name}.en"), text.en.trim_end())?,
        zh: engine.piece(format!("{name}.zh"), text.zh.trim_end())?,
    })
}

fn prepare_command(engine: &mut Engine, name: &str, command: WrittenCommand) -> Result<PreparedCommand, RenderError> {
    let mut optional = |part: &str, text: Option<String>| text.map(|text| engine.piece(format!("{name}.{part}"), &text)).transpose();
    let expect = optional("expect", command.expect)?;
    let (timeout, retry) = (optional("timeout", command.timeout)?, optional("retry", command.retry)?);
    let note = command.note.map(|text| prepare_text(engine, &format!("{name}.note"), text)).transpose()?;
    Ok(PreparedCommand {
        when: command.when,
        each: command.each,
        ship: command.ship,
        note,
        on: engine.piece(format!("{name}.on"), command.on.as_deref().unwrap_or("workstation"))?,
        shell: engine.piece(format!("{name}.shell"), command.shell.as_deref().unwrap_or(""))?,
        expect,
        timeout_seconds: command.timeout_seconds,
        retry_every_seconds: command.retry_every_seconds,
        timeout,
        retry,
    })
}

/// Every text and command of a step. `surroundings` are those of the sheet.
pub fn evaluate(engine: &Engine, sheet: &Sheet, surroundings: &Context, step: &str) -> Result<StepWords, RenderError> {
    let evaluation = Evaluation { engine, sheet, step, context: Context::new(&sheet.context).over(surroundings) };
    let parts = sheet.words.iter().map(|name| engine.steps.get(name)).collect::<Result<Vec<_>, _>>()?;
    let first = |name: &str| parts.iter().find_map(|part| part.prose.get(name));
    let all =
        |name: &str| parts.iter().filter_map(|part| part.prose.get(name)).map(|text| evaluation.text(text)).collect::<Result<Vec<_>, _>>();
    // A text that comes out empty is not said.
    let one = |name: &str| first(name).map(|text| evaluation.text(text)).transpose().map(|text| text.filter(|text| !text.en.is_empty()));
    let commands = |choose: fn(&Prepared) -> &Vec<PreparedCommand>| -> Result<Vec<Command>, RenderError> {
        let mut commands = Vec::new();
        for prepared in parts.iter().flat_map(|part| choose(part)) {
            evaluation.commands(prepared, &mut commands)?;
        }
        Ok(commands)
    };
    let mut rollback_leaves = BTreeSet::new();
    for piece in parts.iter().flat_map(|part| &part.leaves) {
        rollback_leaves.extend(engine.render_piece(piece, &evaluation.context)?.lines().map(str::to_owned));
    }
    // A path that comes out empty does not apply to this step.
    rollback_leaves.remove("");
    let mut trouble = Vec::new();
    for (when, symptom, action) in parts.iter().flat_map(|part| &part.trouble) {
        if when.as_ref().is_none_or(|name| evaluation.holds(name)) {
            trouble.push(Trouble { symptom: evaluation.text(symptom)?, action: evaluation.text(action)? });
        }
    }
    Ok(StepWords {
        title: one("title")?.unwrap_or_default(),
        why: all("why")?,
        risk: one("risk")?,
        preconditions: commands(|part| &part.preconditions)?,
        run: commands(|part| &part.run)?,
        verify: commands(|part| &part.verify)?,
        rollback: commands(|part| &part.rollback)?,
        rollback_leaves: rollback_leaves.into_iter().collect(),
        no_way_back: one("noWayBack")?,
        trouble,
        pause: one("pause")?,
        unlike: all("unlike")?,
    })
}

struct Evaluation<'a> {
    engine: &'a Engine,
    sheet: &'a Sheet,
    step: &'a str,
    context: Context,
}

impl Evaluation<'_> {
    fn text(&self, text: &PreparedText) -> Result<Text, RenderError> {
        Ok(Text { en: self.engine.render_piece(&text.en, &self.context)?, zh: self.engine.render_piece(&text.zh, &self.context)? })
    }

    fn commands(&self, prepared: &PreparedCommand, commands: &mut Vec<Command>) -> Result<(), RenderError> {
        if let Some(name) = &prepared.when
            && !self.holds(name)
        {
            return Ok(());
        }
        if let Some(name) = &prepared.ship {
            return self.ship(name, commands);
        }
        match &prepared.each {
            None => commands.push(self.command(prepared, &self.context)?),
            Some(name) => {
                for item in self.value(name).and_then(Value::as_array).into_iter().flatten() {
                    commands.push(self.command(prepared, &Context::new(&json!({ "item": item })).over(&self.context))?);
                }
            }
        }
        Ok(())
    }

    fn command(&self, prepared: &PreparedCommand, context: &Context) -> Result<Command, RenderError> {
        let render = |piece: &Piece| self.engine.render_piece(piece, context);
        let optional = |piece: &Option<Piece>| piece.as_ref().map(render).transpose().map(|text| text.filter(|text| !text.is_empty()));
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let note = match &prepared.note {
            None => None,
            Some(text) => Some(Text { en: render(&text.en)?, zh: render(&text.zh)? }),
        };
        Ok(Command {
            on: render(&prepared.on)?,
            note,
            shell: render(&prepared.shell)?.trim_end().to_owned(),
            expect: optional(&prepared.expect)?,
            timeout_seconds: prepared.timeout_seconds.or(number(optional(&prepared.timeout)?)).unwrap_or(TIMEOUT_SECONDS),
            retry_every_seconds: prepared.retry_every_seconds.or(number(optional(&prepared.retry)?)),
        })
    }

    /// The command that copies a file of this step to its host.
    fn ship(&self, name: &str, commands: &mut Vec<Command>) -> Result<(), RenderError> {
        let ship = self.engine.steps.get("ship")?;
        for artifact in self.sheet.artifacts.iter().filter(|artifact| artifact.name == name) {
            let Destination::OnMachine { path, owner, mode, .. } = &artifact.destination else { continue };
            let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
            let file = json!({
                "path": format!("steps/{}/{}", self.step, artifact.name), "name": artifact.name,
                "destination": path, "user": user, "group": group, "mode": mode,
            });
            let values = Context::new(&json!({ "file": file })).over(&self.context);
            for prepared in &ship.run {
                commands.push(self.command(prepared, &values)?);
            }
        }
        Ok(())
    }

    /// Whether a value is there and neither false, null nor empty. `!name` asks for the contrary.
    fn holds(&self, name: &str) -> bool {
        if let Some(name) = name.strip_prefix('!') {
            return !self.holds(name);
        }
        match self.value(name) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Bool(true) | Value::Number(_) | Value::Object(_)) => true,
        }
    }

    /// A value by its dotted name.
    fn value(&self, name: &str) -> Option<&Value> {
        let mut parts = name.split('.');
        let first = parts.next()?;
        let first = self.sheet.context.get(first).or_else(|| self.sheet.surroundings.get(first))?;
        parts.try_fold(first, |value, part| value.get(part))
    }
}
