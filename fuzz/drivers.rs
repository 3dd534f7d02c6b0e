//! The drivers, as the tests have them; nothing here is written twice.

#[path = "../compiler/tests/hostile/drivers/mod.rs"]
pub mod drivers;
