//! What the user wrote, field for field.
//!
//! Responsible for: reading YAML within bounds, judging its form by the JSON Schema, and remembering every place.
//! Does not know: what a name refers to, or what a migration is.

mod builder;
mod document;
mod generate;
mod scalar;
mod schema;
mod secret_forms;
mod secrets;
mod text;
mod tree;
pub mod v1alpha1;
mod violation;
mod yaml;

pub use document::{Document, read};
pub use generate::schema;
pub use secret_forms::{NO_LONGER_SECRET, SecretForm, secret_form};
pub use secrets::names_a_secret;
