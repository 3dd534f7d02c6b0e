//! Input that means harm. What the fuzzer found is answered again here, by the code that found it.
//!
//! `fuzz/` searches; `fuzz/corpus` holds the inputs that reach the most with the fewest bytes, and `fuzz/crashes` those that once broke
//! something.

mod dictionary;
mod drivers;
mod replay;
