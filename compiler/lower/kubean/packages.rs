//! Where machines without internet find their packages: the object store's folders, as an operating system's package manager reads them.
//!
//! The folders are those that kubean's import scripts fill (kubean v0.12 to v0.37; Ubuntu's since April 2024). Does not know which
//! machine asks.

use crate::model::{Family, OperatingSystem};

/// Lines of `repo_list`: kubean's own packages, and those of the installation medium. Empty where kubean packs nothing for the system.
pub fn lines(repository: &str, os: &OperatingSystem) -> Vec<String> {
    let bucket = format!("{repository}/kubean");
    match layout(os) {
        Some(Layout::Debian(codename)) => vec![
            format!("deb [trusted=yes] {bucket}/ubuntu {codename} main"),
            format!("deb [trusted=yes] {bucket}/ubuntu-iso {codename} main restricted"),
        ],
        Some(Layout::Rpm(rpm)) => {
            let medium = rpm.medium_folders.iter().map(|below| format!("{bucket}/{}-iso/{}/os/$basearch{below}", rpm.folder, rpm.release));
            let own = format!("{bucket}/{}/{}/os/$basearch", rpm.folder, rpm.release);
            std::iter::once(own).chain(medium).collect()
        }
        None => Vec::new(),
    }
}

/// For each line the addresses of its index, one a processor architecture: if one of them is served, so are the packages.
pub fn probes(repository: &str, os: &OperatingSystem) -> Vec<Vec<String>> {
    let bucket = format!("{repository}/kubean");
    match layout(os) {
        Some(Layout::Debian(codename)) => vec![
            ["amd64", "arm64"].map(|arch| format!("{bucket}/ubuntu/dists/{codename}/main/binary-{arch}/Packages.gz")).to_vec(),
            vec![format!("{bucket}/ubuntu-iso/dists/{codename}/Release")],
        ],
        Some(Layout::Rpm(rpm)) => {
            let index = |line: String| {
                let line = line.replace("$releasever", &rpm.expanded);
                ["x86_64", "aarch64"].map(|arch| format!("{}/repodata/repomd.xml", line.replace("$basearch", arch))).to_vec()
            };
            lines(repository, os).into_iter().map(index).collect()
        }
        None => Vec::new(),
    }
}

/// The lines as one argument of `enable-repo.yml`: a YAML list in double quotes, where the shell would expand `$`.
pub fn repository_argument(lines: &[String]) -> String {
    let quoted: Vec<String> = lines.iter().map(|line| format!("'{}'", line.replace('$', "\\$"))).collect();
    format!("-e \"{{repo_list: [{}]}}\"", quoted.join(", "))
}

enum Layout {
    /// By the release's code name.
    Debian(&'static str),
    Rpm(Rpm),
}

struct Rpm {
    folder: &'static str,
    /// The folder of the release, as the package manager reads it.
    release: String,
    /// What `$releasever` stands for there.
    expanded: String,
    /// Where the medium's indexes lie below its folder.
    medium_folders: &'static [&'static str],
}

fn layout(os: &OperatingSystem) -> Option<Layout> {
    let layout = match os.family {
        Family::Ubuntu => Layout::Debian(os.ubuntu_codename()?),
        Family::Debian => return None,
        Family::Centos => Layout::Rpm(enterprise("centos", os)),
        Family::Rhel => Layout::Rpm(enterprise("redhat", os)),
        Family::Rocky => Layout::Rpm(enterprise("rocky", os)),
        Family::Oracle => Layout::Rpm(enterprise("oracle", os)),
        // What these call `$releasever` is not what their folders are called.
        Family::Kylin => Layout::Rpm(named("kylin", kylin_folder(os))),
        Family::OpenEuler => Layout::Rpm(named("openeuler", os.version().split('-').next().unwrap_or_default().to_owned())),
    };
    Some(layout)
}

/// From release 8 on a medium has two repositories; Red Hat's release 7 calls itself `7Server`.
fn enterprise(folder: &'static str, os: &OperatingSystem) -> Rpm {
    let is_7 = os.is_enterprise_linux_7();
    let calls_itself_server = is_7 && matches!(os.family, Family::Rhel);
    let expanded = if calls_itself_server { "7Server" } else { os.major() };
    let medium_folders: &[&str] = if is_7 { &[""] } else { &["/BaseOS", "/AppStream"] };
    Rpm { folder, release: "$releasever".into(), expanded: expanded.into(), medium_folders }
}

fn named(folder: &'static str, release: String) -> Rpm {
    Rpm { folder, expanded: release.clone(), release, medium_folders: &[""] }
}

/// `v10-sp2` lies in `10/sp2`.
fn kylin_folder(os: &OperatingSystem) -> String {
    os.version().trim_start_matches('v').replace('-', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(text: &str) -> OperatingSystem {
        OperatingSystem::parse(text).unwrap()
    }

    #[test]
    fn each_system_finds_its_folders() {
        let of = |text: &str| lines("http://10.6.0.5:9000", &system(text));
        assert_eq!(
            of("ubuntu-22.04"),
            [
                "deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu jammy main",
                "deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu-iso jammy main restricted",
            ]
        );
        assert_eq!(
            of("centos-7.9"),
            [
                "http://10.6.0.5:9000/kubean/centos/$releasever/os/$basearch",
                "http://10.6.0.5:9000/kubean/centos-iso/$releasever/os/$basearch",
            ]
        );
        assert_eq!(of("rocky-9.4").len(), 3);
        assert_eq!(of("kylin-v10-sp2")[1], "http://10.6.0.5:9000/kubean/kylin-iso/10/sp2/os/$basearch");
        assert_eq!(of("openeuler-22.03-lts")[0], "http://10.6.0.5:9000/kubean/openeuler/22.03/os/$basearch");
        assert!(of("debian-12").is_empty() && of("ubuntu-16.04").is_empty());
    }

    #[test]
    fn a_probe_names_no_variable_of_a_package_manager() {
        for text in ["ubuntu-24.04", "centos-7.9", "rhel-7.9", "rhel-9", "oracle-8", "kylin-v10-sp3", "openeuler-22.03"] {
            let probes = probes("http://r", &system(text));
            assert_eq!(probes.len(), lines("http://r", &system(text)).len(), "{text}");
            assert!(!probes.concat().iter().any(|url| url.contains('$')), "{text}");
        }
        assert_eq!(probes("http://r", &system("rhel-7.9"))[0][0], "http://r/kubean/redhat/7Server/os/x86_64/repodata/repomd.xml");
    }

    #[test]
    fn what_the_shell_would_expand_is_escaped() {
        let argument = repository_argument(&lines("http://r", &system("centos-7.9")));
        let expected = r#"-e "{repo_list: ['http://r/kubean/centos/\$releasever/os/\$basearch', 'http://r/kubean/centos-iso/\$releasever/os/\$basearch']}""#;
        assert_eq!(argument, expected);
    }
}
