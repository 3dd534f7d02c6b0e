//! Where a plan cannot be written, by the real program: full, read-only and foreign file systems, and whatever else may stand there.
//!
//! File systems are mounted in a namespace of the test's own, which ends with it. Like the tests with network namespaces these need root.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::Scene;

const SPEC: &str = "examples/k3s-external-etcd/migration.yaml";

/// Runs lines of bash with `$scene` and the functions `compile` and `must_fail`, in a mount namespace of its own.
fn bash(scene: &Scene, script: &str) -> Output {
    const FUNCTIONS: &str = r#"
        set -euo pipefail
        compile() { "$replank" compile "$spec" -o "$1" "${@:2}"; }
        # must_fail PATTERN OUTPUT: exit 1, without a panic, and words that say what stands in the way and what helps.
        must_fail() {
            local code=0
            compile "${@:2}" > "$scene/out" 2> "$scene/err" || code=$?
            if ((code != 1)) || grep -q 'panicked' "$scene/err" || ! grep -qE "$1" "$scene/err"; then
                echo "exit $code; expected: $1"; cat "$scene/err"; exit 99
            fi
        }
        # state DIRECTORY: everything below it, to be compared.
        state() { (cd "$1" && find . -printf '%p %y %i %s %T@\n' | sort; find . -type f -exec sha256sum {} + | sort); }
    "#;
    Command::new("unshare")
        .args(["-m", "bash", "-c", &format!("{FUNCTIONS}\n{script}")])
        .env("replank", env!("CARGO_BIN_EXE_replank"))
        .env("spec", Path::new(env!("CARGO_MANIFEST_DIR")).join(SPEC))
        .env("scene", scene.parent.path())
        .output()
        .expect("unshare and bash are needed")
}

#[track_caller]
fn succeeds(script: &str) {
    let done = bash(&Scene::new(), script);
    assert!(done.status.success(), "{}\n{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_full_disk_leaves_the_old_plan_and_says_so() {
    succeeds(
        r#"
        mkdir "$scene/disk"
        mount -t tmpfs -o size=4m none "$scene/disk"
        compile "$scene/disk/plan" > /dev/null 2>&1
        before=$(state "$scene/disk/plan")
        # Another name gives another plan; each size leaves another call without room.
        sed 's/uecm-tier-1/uecm-tier-2/' "$spec" > "$scene/other.yaml"
        spec=$scene/other.yaml
        for left in 0 4 60 600 900; do
            rm -f "$scene/disk/ballast"
            free=$(df -k --output=avail "$scene/disk" | tail -n 1)
            head -c "$(((free - left) * 1024))" /dev/zero > "$scene/disk/ballast"
            must_fail 'cannot (write|make).*/disk/.*No space left on device.*make room there' "$scene/disk/plan"
            [[ $(state "$scene/disk/plan") == "$before" && ! -e $scene/disk/.plan.replank-new ]]
        done
        rm "$scene/disk/ballast"
        compile "$scene/disk/plan" > /dev/null 2>&1
        "#,
    );
}

#[test]
fn a_disk_without_inodes_leaves_the_old_plan_and_says_so() {
    succeeds(
        r#"
        mkdir "$scene/disk"
        mount -t tmpfs -o size=64m,nr_inodes=400 none "$scene/disk"
        compile "$scene/disk/plan" > /dev/null 2>&1
        before=$(state "$scene/disk/plan")
        sed 's/uecm-tier-1/uecm-tier-2/' "$spec" > "$scene/other.yaml"
        spec=$scene/other.yaml
        used=$(df --output=iavail "$scene/disk" | tail -n 1)
        for ((n = 2; n < used; n++)); do : > "$scene/disk/$n"; done
        must_fail 'No space left on device.*df -i' "$scene/disk/plan"
        [[ $(state "$scene/disk/plan") == "$before" && ! -e $scene/disk/.plan.replank-new ]]
        "#,
    );
}

#[test]
fn a_read_only_file_system_and_a_mount_in_the_place_of_the_output_are_named() {
    succeeds(
        r#"
        mkdir "$scene/disk"
        mount -t tmpfs none "$scene/disk"
        compile "$scene/disk/plan" > /dev/null 2>&1
        sed 's/uecm-tier-1/uecm-tier-2/' "$spec" > "$scene/other.yaml"
        mount -o remount,ro "$scene/disk"
        # The same plan again needs no writing.
        compile "$scene/disk/plan" 2> /dev/null | grep -q '^unchanged'
        spec=$scene/other.yaml
        must_fail 'disk/.plan.replank-new.*Read-only file system.*mount it for writing' "$scene/disk/plan"
        must_fail 'disk/a.*Read-only file system' "$scene/disk/a/b/plan"
        mkdir "$scene/plan"
        mount -t tmpfs none "$scene/plan"
        must_fail 'cannot put the new plan at .*/plan.*a file system may be mounted there' "$scene/plan"
        [[ -z $(ls -A "$scene/plan") && ! -e $scene/.plan.replank-new ]]
        "#,
    );
}

#[test]
fn a_user_without_rights_is_told_where_they_lack() {
    succeeds(
        r#"
        chmod 755 "$scene"
        mkdir -m 755 "$scene/theirs"
        mkdir -m 777 "$scene/open"
        cp "$spec" "$scene/spec.yaml"
        compile "$scene/theirs/plan" > /dev/null 2>&1
        cp "$replank" "$scene/program"
        replank=$scene/program
        compile() { setpriv --reuid 65534 --regid 65534 --clear-groups "$replank" compile "$scene/spec.yaml" -o "$1" "${@:2}"; }
        must_fail 'cannot make .*theirs/.other.replank-new.*Permission denied.*run as a user' "$scene/theirs/other"
        compile "$scene/theirs/plan" 2> /dev/null | grep -q '^unchanged'
        mkdir -m 700 "$scene/open/shut"
        must_fail 'open/shut.*Permission denied' "$scene/open/shut"
        # A directory of root's cannot change places, also where its name is free to be given.
        cp -r "$scene/theirs/plan" "$scene/open/plan"
        sed -i 's/uecm-tier-1/uecm-tier-2/' "$scene/spec.yaml"
        must_fail 'cannot put the new plan at .*open/plan.*Permission denied' "$scene/open/plan"
        [[ ! -e $scene/open/.plan.replank-new ]]
        "#,
    );
}

#[test]
fn nothing_else_in_the_place_of_the_output_or_inside_is_followed_read_or_waited_for() {
    succeeds(
        r#"
        cd "$scene"
        mkfifo fifo
        must_fail 'fifo.*is a file, not a directory' fifo
        must_fail 'is a file, not a directory' /dev/null
        : > file
        must_fail 'file.*Not a directory' file/plan
        ln -s nowhere dangling
        must_fail 'dangling.*is a symbolic link' dangling
        must_fail 'dangling' dangling/plan
        # A parent that is a link is the user's own way to name it, and is followed.
        mkdir real
        ln -s real by-link
        compile by-link/plan > /dev/null 2>&1
        [[ -f real/plan/plan.json && -L by-link ]]
        must_fail 'File name too long.*shorter' "$(printf 'n%.0s' {1..250})"
        compile $'not\xffutf8' > /dev/null 2>&1
        [[ -f $'not\xffutf8/plan.json' ]]
        # Inside: a pipe, a device, a socket, and names that are not UTF-8, all of others, are carried over.
        mkfifo real/plan/pipe
        mknod real/plan/zero c 1 5
        : > $'real/plan/\xff'
        sed 's/uecm-tier-1/uecm-tier-2/' "$spec" > other.yaml
        spec=other.yaml
        compile real/plan 2> /dev/null | grep -q '^kept: 3 paths'
        [[ -p real/plan/pipe && -e real/plan/zero && -e $'real/plan/\xff' ]]
        # In the place of files of the plan they are refused, and never opened.
        rm real/plan/REVIEW.md real/plan/RUNBOOK.md real/plan/SHA256SUMS
        mkfifo real/plan/REVIEW.md real/plan/SHA256SUMS
        ln -s /dev/zero real/plan/RUNBOOK.md
        must_fail 'REVIEW.md' real/plan
        timeout 20 "$replank" verify real/plan > /dev/null 2>&1 && exit 98
        timeout 20 "$replank" diff real/plan real/plan > /dev/null 2>&1 && exit 97
        true
        "#,
    );
}

#[test]
fn a_workshop_that_somebody_laid_out_leads_nowhere() {
    succeeds(
        r#"
        cd "$scene"
        mkdir .plan.replank-new
        echo precious > victim
        compile() { timeout 20 "$replank" compile "$spec" -o "$1" "${@:2}"; }
        ln -s ../victim .plan.replank-new/made-by-replank
        must_fail 'replank-new.*move it away' plan
        ln -sfn ../made-there .plan.replank-new/made-by-replank
        must_fail 'replank-new.*move it away' plan
        [[ ! -e made-there && $(cat victim) == precious ]]
        rm .plan.replank-new/made-by-replank
        mkfifo .plan.replank-new/made-by-replank
        must_fail 'replank-new.*move it away' plan
        rm .plan.replank-new/made-by-replank
        : > .plan.replank-new/made-by-replank
        mkdir elsewhere
        : > elsewhere/kept
        ln -s ../elsewhere .plan.replank-new/new
        compile plan > /dev/null 2>&1
        [[ -e elsewhere/kept && -f plan/plan.json && ! -e .plan.replank-new ]]
        "#,
    );
}

#[test]
fn a_result_that_nobody_can_take_is_an_error_and_one_that_nobody_wants_is_none() {
    succeeds(
        r#"
        cd "$scene"
        for words in "compile $spec -o plan" "verify plan" "explain V201" "schema" "man" "completions bash" "--help" "--version" "diff plan plan"; do
            code=0
            # shellcheck disable=SC2086
            "$replank" $words > /dev/full 2> err || code=$?
            if ((code != 1)) || grep -q panicked err || ! grep -q 'standard output' err; then echo "$words: exit $code"; cat err; exit 99; fi
            # shellcheck disable=SC2086
            { "$replank" $words 2> err || echo "failed: $words" >> failed; } | true
            # shellcheck disable=SC2086
            "$replank" $words >&- 2> err || grep -q 'standard output' err
            if grep -q panicked err; then cat err; exit 98; fi
        done
        [[ ! -e failed ]] || { cat failed; exit 96; }
        "#,
    );
}

#[test]
fn what_is_no_spec_is_refused_within_bounds() {
    succeeds(
        r#"
        cd "$scene"
        mkfifo fifo
        truncate -s 5G sparse
        ulimit -v 2000000
        for spec in /dev/zero sparse . fifo; do
            compile() { timeout 20 "$replank" compile "$spec" -o "$1"; }
            if [[ $spec == fifo ]]; then { timeout 5 cat /dev/zero > fifo || true; } & fi
            must_fail "cannot read .*(larger than 64 MiB|a directory)" plan
            [[ ! -e plan ]]
        done
        "#,
    );
}

#[test]
fn a_plan_in_the_folder_of_its_spec_or_of_a_repository_touches_neither() {
    succeeds(
        r#"
        mkdir "$scene/repository"
        cd "$scene/repository"
        git init -q .
        cp "$spec" migration.yaml
        spec=migration.yaml
        before=$(state .git)
        for output in . .. / ./ ../repository/.. .git .git/plan "$PWD/.git/hooks"; do
            code=0
            compile "$output" > ../out 2> ../err || code=$?
            ((code == 64)) && grep -q 'the output must be' ../err || { echo "$output: $code"; cat ../err; exit 99; }
        done
        [[ $(state .git) == "$before" ]]
        compile "$scene/repository/plan" > /dev/null 2>&1
        [[ $(git status --porcelain | wc -l) == 2 ]]
        "#,
    );
}

/// A short write is not simulated by strace, which would drop the bytes: the system cuts it at the largest file that is allowed.
#[test]
fn a_write_that_is_cut_short_leaves_the_old_plan() {
    let scene = Scene::with_plan();
    let large = super::plan("second", &[&"x".repeat(200)]);
    assert!(large.files["plan.json"].len() > 200);
    let run = super::process::replacing(&scene.output(), &"long ".repeat(2000)).prelude("trap '' XFSZ; ulimit -f 8");
    let done = run.output();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stderr).contains("File too large"), "{done:?}");
    scene.assert_holds(&super::plan("first", super::STEPS));
    assert_eq!(fs::read_dir(scene.parent.path()).unwrap().count(), 1);
}
