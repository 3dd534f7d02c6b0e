//! What a right spec means.

use super::base::{BASE, human, resolve};

#[test]
fn the_base_is_read_without_a_finding() {
    assert_eq!(human(BASE), "");
    assert!(resolve(BASE).is_ok());
}
