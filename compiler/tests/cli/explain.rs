//! `replank explain`.

use std::fs;

use replank::diag::Code;

use super::replank;
use crate::house::root;

#[test]
fn a_code_and_its_name_lead_to_the_same_page_in_any_case() {
    for code in Code::ALL {
        let ran = replank(&["explain", code.name()]);
        assert_eq!(ran.exit, 0);
        assert!(ran.out.starts_with(&format!("# {}", code.name())), "{}", ran.out);
        assert_eq!(replank(&["explain", &code.name().to_lowercase()]).out, ran.out);
        assert_eq!(replank(&["explain", code.slug()]).out, ran.out);
    }
}

#[test]
fn the_pages_in_the_program_are_the_ones_on_the_disk() {
    for code in Code::ALL {
        let Ok(page) = fs::read_to_string(root().join(format!("docs/diagnostics/{}.md", code.name()))) else { continue };
        let shown = replank(&["explain", code.name()]).out;
        assert_eq!(shown.trim_end(), page.trim_end(), "an old page is in the program: touch compiler/cli/pages.rs and build again");
    }
}

#[test]
fn an_unknown_code_is_wrong_usage_with_the_nearest_one_named() {
    let ran = replank(&["explain", "etcd-looses-quorum"]);
    assert_eq!((ran.exit, ran.out.as_str()), (64, ""));
    assert!(ran.err.contains("did you mean `etcd-loses-quorum`?"), "{}", ran.err);
}
