//! A place in a text as SARIF says it: the file's address, and a region that lies within the file.
//!
//! Does not know where a repository begins: a name that is relative stays relative to where replank was started.

use super::form::{ArtifactLocation, Described, PhysicalLocation, Region};
use crate::source::{STANDARD_INPUT, SourceFile, Span};

pub(super) fn physical(source: &SourceFile, span: Span) -> PhysicalLocation {
    PhysicalLocation { artifact_location: address(source.name()), region: region(source, span) }
}

/// The name as a URI reference. One that is absolute stays so: GitHub's upload shortens it by the path of the checkout.
fn address(name: &str) -> ArtifactLocation {
    if name == STANDARD_INPUT {
        return ArtifactLocation::Description(Described { text: "standard input" });
    }
    let mut kept: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match (part, kept.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(kept.pop()),
            (part, _) => kept.push(part),
        }
    }
    let path = kept.into_iter().map(encoded).collect::<Vec<_>>().join("/");
    ArtifactLocation::Uri(if name.starts_with('/') { format!("file:///{path}") } else { path })
}

/// Everything but the letters, digits and marks that RFC 3986 calls unreserved, as bytes in hexadecimal. That takes the colon with
/// it, which would make the beginning of a name a scheme.
fn encoded(part: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    part.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Without the line end at its end: the last line end of a file has no line behind it.
fn region(source: &SourceFile, span: Span) -> Region {
    let (start, end) = (span.start.min(source.content_end()), span.end.min(source.content_end()));
    let meant = source.text().get(start..end).unwrap_or("");
    let end = start + meant.trim_end_matches(['\r', '\n']).len();
    let (start, end) = (source.position(Span::new(start, start)), source.position(Span::new(end, end)));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(name: &str) -> String {
        match address(name) {
            ArtifactLocation::Uri(uri) => uri,
            ArtifactLocation::Description(described) => format!("({})", described.text),
        }
    }

    #[test]
    fn names_become_relative_and_encoded_addresses() {
        assert_eq!(uri("./a b/x/../迁移.yaml"), "a%20b/%E8%BF%81%E7%A7%BB.yaml");
        assert_eq!(uri("../c:d#e?f%.yaml"), "../c%3Ad%23e%3Ff%25.yaml");
        assert_eq!(uri("/srv/plans/m.yaml"), "file:///srv/plans/m.yaml");
        assert_eq!(uri(STANDARD_INPUT), "(standard input)");
    }

    #[test]
    fn a_region_lies_within_the_file_and_counts_characters() {
        let file = SourceFile::new("a", "标题: x\nb: 2\r\n");
        let of = |start, end| {
            let region = region(&file, Span::new(start, end));
            (region.start_line, region.start_column, region.end_line, region.end_column)
        };
        assert_eq!(of(8, 9), (1, 5, 1, 6));
        assert_eq!(of(0, 10), (1, 1, 1, 6));
        assert_eq!(of(10, 99), (2, 1, 2, 5));
        assert_eq!(of(99, 100), (2, 5, 2, 5));
        assert_eq!(region(&SourceFile::new("a", ""), Span::new(0, 0)).start_line, 1);
    }
}
