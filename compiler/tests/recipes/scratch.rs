//! A repository with a plan on its main branch and an edit of the spec on another, and programs that stand in for what a code host answers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::{Ran, run};

/// A comment as the code host keeps it, for both stand-ins: a list in a file.
const COMMENTS: &str = "comments.json";

/// Plays `gh api`: lists, creates and updates comments, and takes nothing else.
const GH: &str = r#"#!/usr/bin/env python3
import json, os, re, sys
words, path = sys.argv[1:], os.environ["COMMENTS"]
comments = json.load(open(path)) if os.path.exists(path) else []
assert os.environ["GH_TOKEN"] == "a-token", "no token"
if words[:2] == ["api", "--paginate"]:
    where, flag, jq = words[2:]
    assert where == "repos/team/cluster/issues/7/comments" and flag == "--jq", words
    marker = re.fullmatch(r'\.\[\] \| select\(\.user\.type == "Bot" and \(\.body \| startswith\("([^"]+)"\)\)\) \| \.id', jq).group(1)
    print("\n".join(str(each["id"]) for each in comments if each["bot"] and each["body"].startswith(marker)))
    sys.exit()
assert words[:2] == ["api", "--method"] and len(words) == 6 and words[4] == "-F" and words[5].startswith("body=@/"), words
body = open(words[5].removeprefix("body=@")).read()
assert len(body) <= 65536, "GitHub refuses it"
if words[2:4] == ["POST", "repos/team/cluster/issues/7/comments"]:
    comments.append({"id": 100 + len(comments), "bot": True, "body": body})
else:
    number = int(re.fullmatch("repos/team/cluster/issues/comments/([0-9]+)", words[3]).group(1))
    assert words[2] == "PATCH", words
    next(each for each in comments if each["id"] == number)["body"] = body
json.dump(comments, open(path, "w"))
print(json.dumps(comments[-1]))
"#;

/// Plays curl against GitLab's notes of a merge request, and takes nothing else. One token has expired.
const CURL: &str = r#"#!/usr/bin/env python3
import json, os, re, sys
words, path = sys.argv[1:], os.environ["COMMENTS"]
comments = json.load(open(path)) if os.path.exists(path) else []
assert words[:5] == ["--fail", "--silent", "--show-error", "--config", "-"], words
token = re.fullmatch('header = "PRIVATE-TOKEN: (.*)"\n', sys.stdin.read()).group(1)
if token == "an-expired-token":
    sys.exit(22)
assert token == "a-token", "no token"
api = "https://git.example.org/api/v4"
notes = api + "/projects/6/merge_requests/7/notes"
if words[5:] == [api + "/user"]:
    print(json.dumps({"id": 41}))
    sys.exit()
if len(words) == 6:
    page = int(re.fullmatch(re.escape(notes) + r"\?per_page=100&sort=asc&page=([0-9]+)", words[5]).group(1))
    # As many notes of others come first as fill a page.
    all = [{"id": each, "author": {"id": 1}, "body": "changed the title"} for each in range(100)]
    all += [{"id": each["id"], "author": {"id": 41 if each["bot"] else 42}, "body": each["body"]} for each in comments]
    print(json.dumps(all[(page - 1) * 100:page * 100]))
    sys.exit()
flag, method, data, what, where = words[5:]
assert (flag, data) == ("--request", "--data-urlencode") and what.startswith("body@/"), words
body = open(what.removeprefix("body@")).read()
if (method, where) == ("POST", notes):
    comments.append({"id": 200 + len(comments), "bot": True, "body": body})
else:
    assert method == "PUT", words
    number = int(where.removeprefix(notes + "/"))
    next(each for each in comments if each["id"] == number)["body"] = body
json.dump(comments, open(path, "w"))
print("{}")
"#;

/// Where the recipes look for the script that writes the comment.
pub const SCRIPT: &str = "scripts/replank-comment.sh";

pub struct Scratch {
    folder: tempfile::TempDir,
    pub base: String,
}

impl Scratch {
    /// The main branch holds the spec and the plan of the first example; `edit` is checked out on a branch, with its plan compiled anew.
    pub fn new(edit: (&str, &str)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut scratch = Self { folder, base: String::new() };
        fs::create_dir_all(scratch.repository()).unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/k3s-external-etcd");
        let copied = Command::new("cp").arg("-r").args(["migration.yaml", "plan"]).arg(scratch.repository()).current_dir(example).status();
        assert!(copied.unwrap().success());
        let programs = scratch.folder.path().join("bin");
        fs::create_dir(&programs).unwrap();
        for (name, text) in [("gh", GH), ("curl", CURL)] {
            fs::write(programs.join(name), text).unwrap();
            fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_replank"), programs.join("replank")).unwrap();
        fs::create_dir_all(scratch.repository().join("scripts")).unwrap();
        fs::create_dir(scratch.temporary()).unwrap();
        fs::write(scratch.repository().join(SCRIPT), recipe("comment.sh")).unwrap();
        scratch.done("git init -q && git add migration.yaml plan scripts && git commit -q -m 'the plan'");
        scratch.base = scratch.head();
        scratch.done("git checkout -q -b edit");
        scratch.edit(edit);
        scratch.done("replank compile migration.yaml -o plan && git commit -q -a -m edit");
        // Main goes on meanwhile, after the code host was told of its head: the comment must not show that as a change of the branch.
        scratch.done("git checkout -q main && sed -i 's/routerId: 224/routerId: 225/' migration.yaml && git commit -q -a -m other && git checkout -q edit");
        scratch
    }

    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub fn edit(&self, (from, to): (&str, &str)) {
        let path = self.repository().join("migration.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "the spec does not hold `{from}`");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Where a runner lets its jobs write, outside of the repository.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    /// Checks out what a code host would merge: its first parent is the head of main, its second that of the branch.
    pub fn merge(&self) {
        self.done("git checkout -q -f --detach main && git merge -q --no-ff -X theirs edit -m merged");
        self.done("[ ! -e migration.yaml ] || { replank compile migration.yaml -o plan --force && git commit -q -a --amend --no-edit; }");
    }

    /// Commits to the branch what a script leaves, and says which commit that is.
    pub fn commit(&self, script: &str) -> String {
        self.done(&format!("git checkout -q -f edit\n{script}\ngit commit -q -a --allow-empty -m more"));
        self.head()
    }

    pub fn head(&self) -> String {
        self.done("git rev-parse HEAD").trim().to_owned()
    }

    /// Main did nothing meanwhile.
    pub fn main_rests(&self) {
        self.done(&format!("git branch -f main {}", self.base));
    }

    /// What a run left in the work tree, as git sees it.
    pub fn left(&self) -> String {
        self.done("git status --porcelain --ignored")
    }

    /// A script as a code host runs it, with the recipe's environment besides.
    pub fn run(&self, script: &str, environment: &[(&str, &str)]) -> Ran {
        self.run_by(&["bash", "--noprofile", "--norc", "-eo", "pipefail"], script, environment)
    }

    /// The same by another shell.
    pub fn run_by(&self, shell: &[&str], script: &str, environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", script]).current_dir(self.repository()).env_clear();
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let git = [
            ("GIT_CONFIG_COUNT", "3"),
            ("GIT_CONFIG_KEY_0", "user.name"),
            ("GIT_CONFIG_VALUE_0", "A Reviewer"),
            ("GIT_CONFIG_KEY_1", "user.email"),
            ("GIT_CONFIG_VALUE_1", "reviewer@example.org"),
            ("GIT_CONFIG_KEY_2", "init.defaultBranch"),
            ("GIT_CONFIG_VALUE_2", "main"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ];
        command.env("PATH", path).env("HOME", self.folder.path()).env("COMMENTS", self.folder.path().join(COMMENTS)).envs(git);
        run(command.envs(environment.iter().copied()), b"")
    }

    #[track_caller]
    pub fn done(&self, script: &str) -> String {
        let ran = self.run(script, &[]);
        assert_eq!(ran.exit, 0, "{script}: {ran:?}");
        ran.out
    }

    /// Somebody else's comment, which must stay as it is.
    pub fn comment_of_a_person(&self, body: &str) {
        let comments = serde_json::json!([{"id": 99, "bot": false, "body": body}]);
        fs::write(self.folder.path().join(COMMENTS), comments.to_string()).unwrap();
    }

    /// The texts of all comments.
    pub fn comments(&self) -> Vec<String> {
        let Ok(text) = fs::read_to_string(self.folder.path().join(COMMENTS)) else { return Vec::new() };
        let comments: serde_json::Value = serde_json::from_str(&text).unwrap();
        comments.as_array().unwrap().iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }
}

/// A file of `docs/recipes`.
pub fn recipe(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes").join(name)).unwrap()
}
