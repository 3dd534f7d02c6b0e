//! What kubean would make of the objects in a plan: its CRDs, its entrypoint and ansible read them.

pub mod ansible;
mod crds;
mod entrypoint;
mod generate;
mod mistakes_test;
mod plans_test;
