//! The plan in one tool's words.
