//! One finding, four voices.
