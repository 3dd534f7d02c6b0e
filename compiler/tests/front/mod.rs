//! The front end: reading a spec, resolving it, and what is said about both.

mod base;
mod cases;
mod hostile;
mod reading;
mod refusals;
mod schemas;
