//! An operating system with its version, as far as plans depend on it.
//!
//! Does not know which machine runs it, nor where its packages are.

use std::fmt;

use super::NameError;

/// Families whose names, package formats and repositories are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Centos,
    Debian,
    Kylin,
    OpenEuler,
    Oracle,
    Rhel,
    Rocky,
    Ubuntu,
}

impl Family {
    const ALL: &'static [Family] =
        &[Family::Centos, Family::Debian, Family::Kylin, Family::OpenEuler, Family::Oracle, Family::Rhel, Family::Rocky, Family::Ubuntu];

    /// As the spec writes it.
    pub fn name(self) -> &'static str {
        match self {
            Family::Centos => "centos",
            Family::Debian => "debian",
            Family::Kylin => "kylin",
            Family::OpenEuler => "openeuler",
            Family::Oracle => "oracle",
            Family::Rhel => "rhel",
            Family::Rocky => "rocky",
            Family::Ubuntu => "ubuntu",
        }
    }

    /// `ID` in `/etc/os-release`.
    pub fn os_release_id(self) -> &'static str {
        match self {
            Family::OpenEuler => "openEuler",
            Family::Oracle => "ol",
            Family::Centos | Family::Debian | Family::Kylin | Family::Rhel | Family::Rocky | Family::Ubuntu => self.name(),
        }
    }
}

/// In characters, as the schema says.
const LONGEST: usize = 40;

/// `ubuntu-22.04`: a family and a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperatingSystem {
    pub family: Family,
    version: String,
}

impl OperatingSystem {
    /// Checks and keeps the text; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let known = || Family::ALL.iter().map(|family| family.name()).collect::<Vec<_>>().join(", ");
        let expected = || NameError(format!("expected an operating system with its version, such as ubuntu-22.04; known are {}", known()));
        let (name, version) = text.split_once('-').ok_or_else(expected)?;
        let family = Family::ALL.iter().copied().find(|family| family.name() == name).ok_or_else(expected)?;
        let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if text.len() > LONGEST || !version.split(['.', '-']).all(part) {
            return Err(expected());
        }
        Ok(Self { family, version: version.to_owned() })
    }

    /// `22.04`, `7.9`, `v10-sp2`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The first part of the version: `22`, `7`, `v10`.
    pub fn major(&self) -> &str {
        self.version.split(['.', '-']).next().unwrap_or_default()
    }

    /// As part of a step's name, where a dot would mean something: `ubuntu-22-04`.
    pub fn label(&self) -> String {
        self.to_string().replace('.', "-")
    }

    /// The name under which apt's repositories keep a release of Ubuntu, where packages are built for it.
    pub fn ubuntu_codename(&self) -> Option<&'static str> {
        match (self.family, self.version()) {
            (Family::Ubuntu, "20.04") => Some("focal"),
            (Family::Ubuntu, "22.04") => Some("jammy"),
            (Family::Ubuntu, "24.04") => Some("noble"),
            (_, _) => None,
        }
    }

    /// Whether kubean builds packages for machines without internet (kubean v0.12 to v0.37, `artifacts`).
    pub fn has_kubean_packages(&self) -> bool {
        match self.family {
            Family::Centos => self.major() == "7",
            Family::Debian => false,
            Family::Kylin => matches!(self.version(), "v10-sp2" | "v10-sp3"),
            Family::OpenEuler | Family::Oracle | Family::Rhel | Family::Rocky => true,
            Family::Ubuntu => self.ubuntu_codename().is_some(),
        }
    }

    /// Red Hat's release 7 and its relatives: Python 2.7, kernel 3.10.
    pub fn is_enterprise_linux_7(&self) -> bool {
        matches!(self.family, Family::Centos | Family::Oracle | Family::Rhel) && self.major() == "7"
    }
}

impl fmt::Display for OperatingSystem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.family.name(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operating_system_reads_back_as_it_was_written() {
        for text in ["ubuntu-22.04", "centos-7.9", "kylin-v10-sp2", "rocky-8", "openeuler-22.03"] {
            assert_eq!(OperatingSystem::parse(text).map(|os| os.to_string()), Ok(text.to_owned()));
        }
        for bad in ["ubuntu", "ubuntu-", "solaris-11", "ubuntu-22..04", "ubuntu-22.04 ", "Ubuntu-22.04", "ubuntu-2$"] {
            assert!(OperatingSystem::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_old_relatives_of_red_hat_are_enterprise_linux_7() {
        let is_old = |text: &str| OperatingSystem::parse(text).is_ok_and(|os| os.is_enterprise_linux_7());
        assert!(is_old("centos-7.9") && is_old("rhel-7.6") && is_old("oracle-7"));
        assert!(!is_old("rocky-8") && !is_old("centos-8") && !is_old("ubuntu-22.04"));
    }
}
