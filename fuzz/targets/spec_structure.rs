//! `spec_structure`: what the driver of this name says.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replank_fuzz::drivers::spec_structure::run(bytes));
