//! minijinja, set up once: strict about what is undefined, silent about everything else.
//!
//! The only file that knows the template engine. Does not know what the templates say.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, merge_maps};
use minijinja::{Environment, UndefinedBehavior, Value};

use super::RenderError;
use super::catalog;

/// Pieces of shell that steps share, and what they are called in a step.
const MACROS: &[(&str, &str)] = &[
    ("shell", "steps/_shell.j2"),
    ("node", "steps/_node.j2"),
    ("volume", "steps/storage/_volume.j2"),
    ("members", "steps/etcd-v2/_members.j2"),
    ("runner", "steps/etcd/_runner.j2"),
    ("installer", "steps/kubean/_installer.j2"),
    ("master", "steps/kubeadm/_master.j2"),
    ("binary", "steps/systemd/_binary.j2"),
    ("server", "steps/k3s-embedded/_server.j2"),
    ("cloud", "steps/ocboot/_cloud.j2"),
];

pub struct Engine {
    environment: Environment<'static>,
    pub steps: super::words::Templates,
}

/// Values for a template.
#[derive(Clone)]
pub struct Context(Value);

impl Context {
    pub fn new(values: &impl serde::Serialize) -> Self {
        Self(Value::from(Serde(values)))
    }

    /// One for each of these, made once where it is the same allocation as the one before.
    pub fn all(values: &[Arc<impl serde::Serialize>]) -> Vec<Self> {
        let mut contexts: Vec<Self> = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| values.get(before).filter(|before| Arc::ptr_eq(before, value)));
            let context = before.and_then(|_| contexts.last().cloned()).unwrap_or_else(|| Self::new(value.as_ref()));
            contexts.push(context);
        }
        contexts
    }

    /// These values, and beneath them others, which count where a name is not among these.
    #[must_use]
    pub fn over(self, beneath: &Context) -> Self {
        Self(merge_maps([self.0, beneath.0.clone()]))
    }

    /// Values that were made before, each under its name.
    pub fn named<const COUNT: usize>(values: [(&'static str, Context); COUNT]) -> Self {
        let values: BTreeMap<&'static str, Value> = values.into_iter().map(|(name, context)| (name, context.0)).collect();
        Self(Value::from(values))
    }
}

/// A piece of text that may hold expressions. Plain text is kept as it is, which most of it is.
#[derive(Debug, Clone)]
pub enum Piece {
    Plain(String),
    Template(String),
}

static SHARED: LazyLock<Result<Engine, RenderError>> = LazyLock::new(Engine::new);

impl Engine {
    /// With every template compiled: once in a run, however many specs it has.
    pub fn shared() -> Result<&'static Self, RenderError> {
        SHARED.as_ref().map_err(Clone::clone)
    }

    fn new() -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        environment.set_syntax(syntax.build().map_err(problem)?);
        environment.add_filter("markdown", super::filters::markdown);
        environment.add_filter("plain", super::filters::plain);
        environment.add_filter("code", super::filters::code);
        environment.add_filter("fence", super::filters::fence);
        environment.add_filter("anchor", super::filters::anchor);
        environment.add_filter("mermaid", super::filters::mermaid);
        for (path, text) in catalog::texts() {
            if path.ends_with(".j2") {
                environment.add_template_owned(path.to_owned(), text.to_owned()).map_err(problem)?;
            }
        }
        let mut engine = Self { environment, steps: super::words::Templates::default() };
        engine.steps = super::words::Templates::load(&mut engine)?;
        Ok(engine)
    }

    /// Keeps a piece of a step template for rendering. Macros are at hand by the names of `MACROS`.
    pub fn piece(&mut self, name: String, text: &str) -> Result<Piece, RenderError> {
        if !text.contains("{{") && !text.contains("{%") {
            return Ok(Piece::Plain(text.to_owned()));
        }
        let used = MACROS.iter().filter(|(name, _)| text.contains(&format!("{name}.")));
        let imports: String = used.map(|(name, path)| format!("{{% import '{path}' as {name} %}}")).collect();
        let text = imports + text;
        self.environment.add_template_owned(name.clone(), text).map_err(problem)?;
        Ok(Piece::Template(name))
    }

    pub fn render_piece(&self, piece: &Piece, context: &Context) -> Result<String, RenderError> {
        match piece {
            Piece::Plain(text) => Ok(text.clone()),
            Piece::Template(name) => self.render(name, context),
        }
    }

    /// Renders `templates/<name>`.
    pub fn render(&self, name: &str, context: &Context) -> Result<String, RenderError> {
        self.environment.get_template(name).and_then(|template| template.render(context.0.clone())).map_err(problem)
    }
}

fn problem(error: minijinja::Error) -> RenderError {
    RenderError(format!("{error:#}"))
}
