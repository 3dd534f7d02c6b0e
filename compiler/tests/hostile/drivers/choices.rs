//! Bytes of the input as choices: which specs, which change, where.
//!
//! Does not know what is chosen. When the bytes are spent every choice is the first one, so that any input is a whole story.

pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn are_spent(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }

    /// A number below the limit; 0 where the limit is 0. Few possibilities take one byte, so that a byte stays a choice of its own.
    pub fn below(&mut self, limit: usize) -> usize {
        let chosen = match limit {
            0..=256 => usize::from(self.byte()),
            _ => usize::from(self.byte()) << 8 | usize::from(self.byte()),
        };
        if limit == 0 { 0 } else { chosen % limit }
    }

    pub fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}
