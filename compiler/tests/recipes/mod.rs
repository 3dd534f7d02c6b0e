//! The recipes of `docs/recipes`, run step by step on a scratch repository: what a team copies works as it stands.

mod comment;
mod github;
mod gitlab;
mod hook;
mod scratch;
mod shells;
