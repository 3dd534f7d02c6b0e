//! What an image's tag tells: the kubespray release inside, the Kubernetes that it deploys, the form of `kube_version`.
//!
//! The table is that of the releases whose `version.yml` was read; a tag between two rows counts as the row before it.
//! Does not know what the user wrote besides the tag.

use crate::model::{KubeVersionForm, Release};

/// What a tag of the spray-job image means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `v0.12.2`: built for a release of kubean.
    Kubean(Release, Ansible),
    /// `2.28-aca1113`: built from a branch of kubespray.
    Branch(Release),
    /// Anything else tells nothing.
    Other,
}

/// Which ansible an image carries since kubean v0.27.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ansible {
    /// The older one, which still manages machines with Python 2.7.
    Older,
    /// `-ansible10next`: the one that kubespray asks for.
    Newer,
}

/// One release of kubean.
struct Row {
    kubean: Release,
    kubespray: Release,
    /// The minor release of the Kubernetes that the image deploys unless it is told otherwise.
    kubernetes: u32,
}

const fn row(kubean: (u32, u32), kubespray: u32, kubernetes: u32) -> Row {
    Row { kubean: Release::new(0, kubean.0, kubean.1), kubespray: Release::new(2, kubespray, 0), kubernetes }
}

/// By kubean's release.
const ROWS: &[Row] = &[
    row((12, 2), 23, 27),
    row((15, 0), 24, 27),
    row((18, 5), 25, 29),
    row((20, 0), 26, 30),
    row((24, 0), 27, 31),
    row((26, 0), 28, 31),
    row((30, 0), 29, 32),
    row((34, 0), 31, 33),
    row((36, 0), 31, 35),
    row((37, 0), 31, 35),
];

impl Tag {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Tag::Other };
        let (plain, ansible) = match text.strip_suffix("-ansible10next") {
            Some(plain) => (plain, Ansible::Newer),
            None => (text, Ansible::Older),
        };
        match (plain.starts_with('v'), Release::parse(plain)) {
            (true, Ok(release)) => Tag::Kubean(release, ansible),
            (true, Err(_)) | (false, _) => branch(text).map_or(Tag::Other, Tag::Branch),
        }
    }

    /// The kubespray release inside, as far as the tag tells it.
    pub(super) fn kubespray(self) -> Option<Release> {
        match self {
            Tag::Kubean(release, _) => rows_around(release).map(|(row, _)| row.kubespray),
            Tag::Branch(release) => Some(release),
            Tag::Other => None,
        }
    }

    /// The first and the last kubespray release that may be inside, where the tag is in the table.
    pub(super) fn kubespray_range(self) -> Option<(Release, Release)> {
        match self {
            Tag::Kubean(release, _) => rows_around(release).map(|(row, next)| (row.kubespray, next.kubespray)),
            Tag::Branch(release) => Some((release, release)),
            Tag::Other => None,
        }
    }

    /// The minor releases of Kubernetes that lie near the one which the image deploys.
    pub(super) fn kubernetes_minors(self, kubespray: Release) -> Option<(u32, u32)> {
        let window = |first: &Row, last: &Row| (first.kubernetes.saturating_sub(2), last.kubernetes + 1);
        match self {
            Tag::Kubean(release, _) => rows_around(release).map(|(row, next)| window(row, next)),
            Tag::Branch(_) | Tag::Other => {
                let mut same = ROWS.iter().filter(|row| row.kubespray.minor == kubespray.minor);
                let first = same.next()?;
                Some(window(first, same.next_back().unwrap_or(first)))
            }
        }
    }

    /// Whether `kube_version` has a `v` in front. kubespray dropped it between v2.27.0 and v2.28.0, and kubean's images between
    /// v0.20 and v0.24: in between, as the user wrote it.
    pub(super) fn kube_version_form(self, kubespray: Release, written: KubeVersionForm) -> KubeVersionForm {
        let by = |release: Release, still: Release, gone: Release| {
            if release < still {
                KubeVersionForm::WithV
            } else if release >= gone {
                KubeVersionForm::Plain
            } else {
                written
            }
        };
        match self {
            Tag::Kubean(release, _) => by(release, Release::new(0, 21, 0), Release::new(0, 24, 0)),
            Tag::Branch(release) => by(release, Release::new(2, 28, 0), Release::new(2, 28, 0)),
            Tag::Other => by(kubespray, Release::new(2, 27, 0), Release::new(2, 28, 0)),
        }
    }

    /// Whether ansible in the image still manages machines with Python 2.7 (ansible-core 2.17, in kubespray v2.29, does not).
    pub(super) fn manages_enterprise_linux_7(self, kubespray: Release) -> bool {
        match self {
            Tag::Kubean(_, Ansible::Newer) => false,
            Tag::Kubean(release, Ansible::Older) if release >= Release::new(0, 27, 0) => true,
            Tag::Kubean(_, Ansible::Older) | Tag::Branch(_) | Tag::Other => kubespray < Release::new(2, 29, 0),
        }
    }

    /// Whether `remove-node.yml` looks a machine up as a node that is none, and stops (kubespray issue 12685; mended in v2.29.1). kubean's
    /// images are built from commits between releases: theirs have the fault from v0.24 up to v0.30.
    pub(super) fn looks_etcd_hosts_up(self, kubespray: Release) -> bool {
        match self {
            Tag::Kubean(release, _) => release >= Release::new(0, 24, 0) && release < Release::new(0, 31, 0),
            Tag::Branch(_) | Tag::Other => kubespray >= Release::new(2, 27, 0) && kubespray < Release::new(2, 29, 1),
        }
    }

    /// The release of kubean for which the image was built.
    pub(super) fn kubean(self) -> Option<Release> {
        match self {
            Tag::Kubean(release, _) => Some(release),
            Tag::Branch(_) | Tag::Other => None,
        }
    }
}

/// The row at or before a release, and the row at or after it. None before the table begins and after its last minor release.
fn rows_around(release: Release) -> Option<(&'static Row, &'static Row)> {
    let row = ROWS.iter().rfind(|row| row.kubean <= release)?;
    let next = ROWS.iter().find(|row| row.kubean >= release);
    let is_last = row.kubean.minor == release.minor && row.kubean.major == release.major;
    next.or(is_last.then_some(row)).map(|next| (row, next))
}

/// `2.28-aca1113`: two numbers and seven hexadecimal digits.
fn branch(text: &str) -> Option<Release> {
    let (numbers, commit) = text.split_once('-')?;
    let is_commit = commit.len() == 7 && commit.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if is_commit { Release::parse(&format!("{numbers}.0")).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Tag {
        Tag::parse(Some(text))
    }

    #[test]
    fn a_tag_between_two_releases_counts_as_the_one_before() {
        for (text, kubespray) in [
            ("v0.12.2", Some(23)),
            ("v0.13.0", Some(23)),
            ("v0.15.0", Some(24)),
            ("v0.22.1", Some(26)),
            ("v0.30.0-ansible10next", Some(29)),
            ("v0.37.0", Some(31)),
            ("v0.37.9", Some(31)),
            ("2.28-aca1113", Some(28)),
            ("v0.12.1", None),
            ("v0.38.0", None),
            ("0.12.2", None),
            ("2.28-aca111", None),
            ("2.28", None),
            ("release", None),
        ] {
            assert_eq!(tag(text).kubespray(), kubespray.map(|minor| Release::new(2, minor, 0)), "{text}");
        }
    }

    #[test]
    fn the_form_of_the_version_is_the_users_only_where_nobody_knows_better() {
        let form = |text: &str, written| tag(text).kube_version_form(Release::new(2, 27, 0), written);
        for text in ["v0.12.2", "v0.20.4", "2.27-aca1113"] {
            assert_eq!(form(text, KubeVersionForm::Plain), KubeVersionForm::WithV, "{text}");
        }
        for text in ["v0.24.0", "v0.37.0", "2.28-aca1113"] {
            assert_eq!(form(text, KubeVersionForm::WithV), KubeVersionForm::Plain, "{text}");
        }
        for text in ["v0.21.0", "v0.23.5", "mine"] {
            for written in [KubeVersionForm::WithV, KubeVersionForm::Plain] {
                assert_eq!(form(text, written), written, "{text}");
            }
        }
    }

    #[test]
    fn the_window_of_a_release_between_two_reaches_to_the_next() {
        assert_eq!(tag("v0.12.2").kubernetes_minors(Release::new(2, 23, 0)), Some((25, 28)));
        assert_eq!(tag("v0.17.0").kubernetes_minors(Release::new(2, 24, 0)), Some((25, 30)));
        assert_eq!(tag("mine").kubernetes_minors(Release::new(2, 31, 0)), Some((31, 36)));
        assert_eq!(tag("mine").kubernetes_minors(Release::new(2, 20, 0)), None);
    }

    #[test]
    fn an_image_is_known_to_stop_at_machines_that_run_etcd_alone() {
        for (text, kubespray, stops) in [
            ("v0.23.5", Release::new(2, 26, 0), false),
            ("v0.24.0", Release::new(2, 27, 0), true),
            ("v0.30.2-ansible10next", Release::new(2, 29, 0), true),
            ("v0.31.0", Release::new(2, 29, 0), false),
            ("2.28-aca1113", Release::new(2, 28, 0), true),
            ("mine", Release::new(2, 29, 0), true),
            ("mine", Release::new(2, 29, 1), false),
        ] {
            assert_eq!(tag(text).looks_etcd_hosts_up(kubespray), stops, "{text}");
        }
    }

    #[test]
    fn old_machines_are_managed_by_the_older_ansible_alone() {
        assert!(tag("v0.26.0").manages_enterprise_linux_7(Release::new(2, 28, 0)));
        assert!(tag("v0.37.0").manages_enterprise_linux_7(Release::new(2, 31, 0)));
        assert!(!tag("v0.37.0-ansible10next").manages_enterprise_linux_7(Release::new(2, 31, 0)));
        assert!(!tag("mine").manages_enterprise_linux_7(Release::new(2, 29, 0)));
    }
}
