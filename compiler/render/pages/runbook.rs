//! RUNBOOK.md: rules, an index, and the sections of the steps; in parts of their own where they are more than a code host shows.
//!
//! Does not know which steps are alike, nor what a section says.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::alike::{ADDRESS, NAME, Said};
use super::sections::{self, Section};
use crate::render::document::{FrameDocument, MachineDocument, PlanDocument, StepDocument};
use crate::render::engine::{Context, Engine};
use crate::render::{Language, RenderError, filters};

/// GitHub shows Markdown of more than 512 KiB as plain text (GitHub Docs, "About repositories", limits for viewing content), and GitLab's
/// pages become slow before 11,000 lines; commands make some thirty bytes a line.
const MOST_BYTES: usize = 400_000;

/// In the parts of a language: where its pages end.
fn ending(language: Language) -> &'static str {
    match language {
        Language::English => ".md",
        Language::Chinese => ".zh.md",
    }
}

fn code(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh",
    }
}

/// A line of the index.
#[derive(Serialize)]
struct Line<'a> {
    link: String,
    id: &'a str,
    /// How many steps it stands for, and the last of them; none where it is one step.
    count: Option<usize>,
    last: Option<&'a str>,
    title: &'a str,
    tolerance: i64,
    /// Inside the step, where it is less.
    worst: Option<i64>,
}

/// What a section says.
struct Page {
    title: String,
    text: String,
}

/// Consecutive sections in one file.
struct Part {
    file: String,
    first: usize,
    body: String,
}

pub fn render(
    engine: &Engine,
    plan: &PlanDocument,
    outlines: &[StepDocument],
    texts: &[&str],
    languages: &[Language],
) -> Result<BTreeMap<String, String>, RenderError> {
    let mut pages = BTreeMap::new();
    let said = Said::all(plan, outlines, texts);
    let sections = sections::divide(&said, &plan.before);
    let book = Book { engine, plan, said: &said, sections: &sections, machines: Context::new(&plan.machines) };
    for language in languages {
        book.write(*language, &mut pages)?;
    }
    if !languages.is_empty() && sections.iter().any(|section| matches!(section, Section::Batch(_))) {
        let script = engine.render("runbook/page.sh.j2", &book.head(Language::English))?;
        pages.insert("runbook/page.sh".into(), script);
    }
    Ok(pages)
}

struct Book<'a> {
    engine: &'a Engine,
    /// Without its steps.
    plan: &'a PlanDocument,
    said: &'a [Said<'a>],
    sections: &'a [Section],
    machines: Context,
}

impl Book<'_> {
    fn write(&self, language: Language, files: &mut BTreeMap<String, String>) -> Result<(), RenderError> {
        let pages = self.sections.par_iter().map(|section| self.section(section, language)).collect::<Result<Vec<_>, _>>()?;
        let is_small = pages.iter().map(|page| page.text.len()).sum::<usize>() <= MOST_BYTES;
        let parts = if is_small { Vec::new() } else { self.parts(&pages, language) };
        let mut lines = Vec::with_capacity(self.sections.len());
        for (at, (section, page)) in self.sections.iter().zip(&pages).enumerate() {
            let part = parts.iter().rev().find(|part| part.first <= at);
            lines.extend(self.line(section, &page.title, part, language));
        }
        let body = if is_small { pages.iter().map(|page| page.text.as_str()).collect() } else { String::new() };
        let has_batches = self.sections.iter().any(|section| matches!(section, Section::Batch(_)));
        let own = json!({ "lines": lines, "body": body, "hasBatches": has_batches, "hasParts": !parts.is_empty() });
        let text = self.engine.render("runbook/runbook.md.j2", &Context::new(&own).over(&self.head(language)))?;
        files.insert(format!("RUNBOOK{}", ending(language)), text);
        for (at, part) in parts.iter().enumerate() {
            let file = |part: &Part| part.file.trim_start_matches("runbook/").to_owned();
            let previous = at.checked_sub(1).and_then(|at| parts.get(at)).map(file);
            let own = json!({ "body": part.body, "previous": previous, "next": parts.get(at + 1).map(file), "ending": ending(language) });
            let text = self.engine.render("runbook/part.md.j2", &Context::new(&own).over(&self.head(language)))?;
            files.insert(part.file.clone(), text);
        }
        Ok(())
    }

    /// What every page says of the plan.
    fn head(&self, language: Language) -> Context {
        Context::new(&json!({
            "generator": self.plan.generator, "specDigest": self.plan.spec_digest, "title": self.plan.title, "lang": code(language),
        }))
    }

    /// A part holds sections of one phase, and is called after its first step.
    fn parts(&self, pages: &[Page], language: Language) -> Vec<Part> {
        let mut parts: Vec<(Part, &str)> = Vec::new();
        for (at, (section, Page { text, .. })) in self.sections.iter().zip(pages).enumerate() {
            let Some(Said { outline: step, .. }) = self.said.get(section.first()) else { continue };
            match parts.last_mut() {
                Some((part, phase)) if *phase == step.phase && part.body.len() + text.len() <= MOST_BYTES => part.body.push_str(text),
                Some(_) | None => {
                    let file = format!("runbook/{}{}", step.id, ending(language));
                    parts.push((Part { file, first: at, body: text.clone() }, &step.phase));
                }
            }
        }
        parts.into_iter().map(|(part, _)| part).collect()
    }

    fn line<'a>(&'a self, section: &Section, title: &'a str, part: Option<&Part>, language: Language) -> Option<Line<'a>> {
        let step = self.said.get(section.first())?.outline;
        let file = part.map_or("", |part| part.file.as_str());
        let tolerance = step.after.etcd.tolerance;
        let worst = step.during.as_ref().map(|during| during.etcd_tolerance).filter(|worst| *worst < tolerance);
        let anchor = filters::anchor(&step.id);
        let line = Line { link: format!("{file}#{anchor}"), id: &step.id, count: None, last: None, title, tolerance, worst };
        Some(match section {
            Section::Step(_) => line,
            Section::Batch(range) => {
                let last = self.said.get(range.end.checked_sub(1)?)?.outline;
                let word = match language {
                    Language::English => "batch",
                    Language::Chinese => "批次",
                };
                Line { link: format!("{file}#{word}-{anchor}"), count: Some(range.len()), last: Some(&last.id), ..line }
            }
        })
    }

    fn section(&self, section: &Section, language: Language) -> Result<Page, RenderError> {
        let bug = || RenderError(format!("a section of the runbook has no step: {section:?}"));
        let said = self.said.get(section.first()).ok_or_else(bug)?;
        let before = section.first().checked_sub(1).and_then(|last| self.said.get(last));
        let before = before.map_or(&self.plan.before, |said| &said.outline.after);
        let (step, text) = match section {
            Section::Step(_) => {
                let step = said.whole().ok_or_else(bug)?;
                let origin = [&step.because.line.to_string(), step.because.pointer.as_str()];
                let text = self.step(&step, before, origin, &self.machines, language)?;
                (step, text)
            }
            Section::Batch(range) => {
                let example = said.alike().and_then(|alike| alike.example()).ok_or_else(bug)?;
                let (_, machine) = said.machine().ok_or_else(bug)?;
                let machine = MachineDocument { address: ADDRESS.into(), ..machine.clone() };
                let machines = Context::new(&json!({ NAME: machine })).over(&self.machines);
                let page = self.step(&example, before, ["«line»", "«pointer»"], &machines, language)?;
                let rows: Vec<_> = self.said.get(range.clone()).into_iter().flatten().filter_map(row).collect();
                let title = json!({ "en": example.title.en, "zh": example.title.zh });
                let own = json!({ "rows": rows, "page": page, "stepTitle": title });
                let text = self.engine.render("runbook/batch.md.j2", &Context::new(&own).over(&self.head(language)))?;
                (example, text)
            }
        };
        let title = match language {
            Language::English => step.title.en,
            Language::Chinese => step.title.zh,
        };
        Ok(Page { title, text })
    }

    fn step(
        &self,
        step: &StepDocument,
        before: &FrameDocument,
        [line, pointer]: [&str; 2],
        machines: &Context,
        language: Language,
    ) -> Result<String, RenderError> {
        let risks: Vec<_> = self.plan.verdict.accepted_risks.iter().filter(|risk| risk.step == step.id).collect();
        let own = json!({ "step": step, "before": before, "line": line, "pointer": pointer, "risks": risks, "lang": code(language) });
        let machines = Context::named([("machines", machines.clone())]);
        self.engine.render("runbook/section.md.j2", &Context::new(&own).over(&machines))
    }
}

/// A machine of a batch.
fn row(said: &Said<'_>) -> Option<serde_json::Value> {
    let (name, machine) = said.machine()?;
    let because = &said.outline.because;
    Some(json!({ "id": said.outline.id, "name": name, "address": machine.address, "line": because.line, "pointer": because.pointer }))
}
