//! Where a value was written: a span of bytes, and the JSON pointer that names it in the document.
//!
//! Does not hold text. A place stays meaningful when the file moved to another name.

use std::sync::Arc;

/// A half-open range of bytes in the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A value's place in the spec: `/spec/target/etcd/0` and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub pointer: Arc<str>,
    pub span: Span,
}

impl Place {
    pub fn new(pointer: impl Into<Arc<str>>, span: Span) -> Self {
        Self { pointer: pointer.into(), span }
    }
}

/// A value together with the place where the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Located<T> {
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}
