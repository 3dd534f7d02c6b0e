//! The program itself: where and under which environment it runs changes no byte and no mode.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn tree(directory: &Path, below: &Path, found: &mut BTreeMap<String, (u32, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(below).unwrap().to_str().unwrap().to_owned();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        if path.is_dir() {
            found.insert(name, (mode, Vec::new()));
            tree(&path, below, found);
        } else {
            found.insert(name, (mode, std::fs::read(&path).unwrap()));
        }
    }
}

fn compiled(umask: &str, locale: &str, zone: &str) -> BTreeMap<String, (u32, Vec<u8>)> {
    let place = tempfile::tempdir().unwrap();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/k3s-external-etcd/migration.yaml");
    std::fs::copy(spec, place.path().join("migration.yaml")).unwrap();
    let run = Command::new("sh")
        .args([
            "-c",
            &format!("umask {umask}; exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_replank"),
            "compile",
            "migration.yaml",
            "-o",
            "plan",
        ])
        .current_dir(place.path())
        .envs([("LANG", locale), ("LC_ALL", locale), ("LANGUAGE", locale), ("TZ", zone), ("HOME", place.path().to_str().unwrap())])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut found = BTreeMap::new();
    tree(&place.path().join("plan"), &place.path().join("plan"), &mut found);
    assert!(found.len() > 10);
    found
}

#[test]
fn the_plan_is_the_same_wherever_it_is_compiled() {
    let first = compiled("022", "C", "UTC");
    for (umask, locale, zone) in
        [("077", "zh_CN.UTF-8", "Asia/Shanghai"), ("022", "tr_TR.UTF-8", "America/St_Johns"), ("002", "C", "Asia/Kathmandu")]
    {
        let other = compiled(umask, locale, zone);
        assert_eq!(first.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, found) in &first {
            assert!(
                *found == other[name],
                "{name} differs under umask {umask}, {locale}, {zone}: mode {:o} and {:o}",
                found.0,
                other[name].0
            );
        }
    }
}
