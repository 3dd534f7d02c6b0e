//! YAML text to a tree with places; the only file that knows the YAML reader.
//!
//! The reader's events are taken one at a time onto a stack of our own, so that neither depth nor aliases can exhaust the
//! machine: depth is bounded before a level is opened, and an alias is counted before it is used.
//! Does not know the schema. `builder` puts the events together.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as ParserSpan};

use super::builder::{Builder, Shape, Stop};
use super::scalar;
use super::text::{self, CharacterOffsets};
use super::tree::{Content, Node};
use crate::diag::{Code, Diagnostic, Findings};
use crate::source::{SourceFile, Span};

/// Reads the one document of a spec. Findings that do not end the reading (duplicate keys, tags) are collected first.
pub(super) fn read(source: &SourceFile) -> Result<(Node, Findings), Findings> {
    let (body, base) = text::readable(source)?;
    let offsets = CharacterOffsets::new(body, base);
    let mut builder = Builder::new(source);
    let mut parser = Parser::new_from_str(body);
    let mut documents = 0usize;
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(found) => found,
            Err(error) => return Err(builder.stop(not_yaml(&error, source, &offsets)).without_secrets(source)),
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        let span = Span::new(offsets.byte(span.start.index()), offsets.byte(span.end.index()));
        if documents > 1 {
            let diagnostic = Diagnostic::new(Code::S105, span, "expected the end of the file, found another document")
                .help("write one migration a file, and remove this `---` or `...`");
            return Err(builder.stop(diagnostic).without_secrets(source));
        }
        if let Err(Stop(diagnostic)) = take(&mut builder, event, span) {
            return Err(builder.stop(*diagnostic).without_secrets(source));
        }
    }
    builder.finish()
}

fn take(builder: &mut Builder<'_>, event: Event<'_>, span: Span) -> Result<(), Stop> {
    match event {
        Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Ok(()),
        Event::Alias(anchor) => builder.alias(anchor, span),
        Event::Scalar(text, style, anchor, tag) => {
            builder.refuse_tag(tag.as_deref().map(|tag| format!("{}{}", tag.handle, tag.suffix)), span);
            let plain = matches!(style, ScalarStyle::Plain);
            let content = if plain { scalar::resolve(&text) } else { Content::Text(text.into_owned()) };
            builder.scalar(content, span, anchor)
        }
        Event::SequenceStart(anchor, tag) => {
            builder.refuse_tag(tag.as_deref().map(|tag| format!("{}{}", tag.handle, tag.suffix)), span);
            builder.open(Shape::List, span, anchor)
        }
        Event::MappingStart(anchor, tag) => {
            builder.refuse_tag(tag.as_deref().map(|tag| format!("{}{}", tag.handle, tag.suffix)), span);
            builder.open(Shape::Map, span, anchor)
        }
        Event::SequenceEnd | Event::MappingEnd => builder.close(span),
    }
}

/// The reader's complaint in our words where the cause is known, and in its own where not.
fn not_yaml(error: &ScanError, source: &SourceFile, offsets: &CharacterOffsets<'_>) -> Diagnostic {
    let at = offsets.byte(ParserSpan::empty(*error.marker()).start.index());
    if let Some(tab) = tab_in_indentation(source.text(), at) {
        return Diagnostic::new(Code::S102, Span::new(tab, tab + 1), "expected spaces, found a tab")
            .help("indent with spaces: YAML gives a tab no width");
    }
    let info = error.info();
    let label = if info.contains("unknown anchor") {
        "expected an alias of an anchor above it".to_owned()
    } else {
        format!("the YAML reader stopped here: {info}")
    };
    Diagnostic::new(Code::S101, Span::new(at, at), label)
        .help("look at this line and the one above it for a missing quote, bracket or colon, or a wrong indentation")
}

/// A tab before the first letter of the line that holds `at`, or of the line before it.
fn tab_in_indentation(text: &str, at: usize) -> Option<usize> {
    let mut end = at.min(text.len());
    for _ in 0..2 {
        let before = text.get(..end)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(start..)?.lines().next().unwrap_or("");
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line.get(..indentation).and_then(|blank| blank.find('\t')) {
            return Some(start + tab);
        }
        end = start.checked_sub(1)?;
    }
    None
}

impl Findings {
    /// Where no tree was built, secrets are hidden by the look of their lines.
    fn without_secrets(mut self, source: &SourceFile) -> Self {
        super::secrets::conceal_by_line(source.text(), &mut self);
        self
    }
}
