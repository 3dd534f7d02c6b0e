//! Names, as types: nothing that reaches a shell, a unit or a config can carry a character that means something there.
//!
//! Each type is built by `parse`, which says in a sentence what it expected. Does not know where a name was written.

use std::fmt;

/// Why a text is not a name of this kind: a sentence that starts with what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(pub String);

macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident, $check:path) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checks and keeps the text; the error says what was expected.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                $check(text).map_err(NameError)?;
                Ok(Self(text.into()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_newtype!(
    /// A machine's name: an RFC 1123 label. It is the Kubernetes node's name, and a folder's name in the plan.
    MachineName, dns_label
);
text_newtype!(
    /// The cluster's name: an RFC 1123 label.
    ClusterName, dns_label
);
text_newtype!(
    /// The name of a Kubernetes object: an RFC 1123 label.
    Label, dns_label
);
text_newtype!(
    /// The name of a Kubernetes object that may be longer, such as a claim or a workload: an RFC 1123 subdomain.
    ObjectName, dns_subdomain
);
text_newtype!(
    /// The migration's name: an RFC 1123 label.
    MigrationName, dns_label
);
text_newtype!(
    /// The id of a team's own step: an RFC 1123 label.
    HookId, dns_label
);
text_newtype!(
    /// An etcd member's `--name`: letters, digits, `.`, `_`, `-`.
    MemberName, plain_word
);
text_newtype!(
    /// etcd's `--initial-cluster-token`: letters, digits, `.`, `_`, `-`.
    Token, plain_word
);
text_newtype!(
    /// A word in a tool's configuration: letters, digits, `.`, `_`, `-`.
    PlainWord, plain_word
);
text_newtype!(
    /// A long flag of a command, without its dashes.
    FlagName, flag_name
);
text_newtype!(
    /// The value of a flag: nothing in it means anything to systemd or to a shell.
    FlagValue, flag_value
);
text_newtype!(
    /// A POSIX user name.
    UserName, user_name
);
text_newtype!(
    /// A network interface's name as Linux allows it, at most 15 characters.
    InterfaceName, interface_name
);
text_newtype!(
    /// The name of an environment variable: capitals, digits and `_`.
    EnvironmentName, environment_name
);
text_newtype!(
    /// An absolute path of plain characters, without `.` or `..` components and without a trailing slash.
    AbsolutePath, absolute_path
);

/// A VRRP virtual router id: 1 to 255 (RFC 5798; keepalived refuses to start with 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct RouterId(u8);

impl RouterId {
    pub fn new(number: u64) -> Result<Self, NameError> {
        match u8::try_from(number) {
            Ok(id) if id > 0 => Ok(Self(id)),
            _ => Err(NameError("expected a VRRP router id from 1 to 255".into())),
        }
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

/// Where a secret is kept. The secret itself never enters the spec, the plan or this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// A file on the machine that needs it.
    File(AbsolutePath),
    /// A variable in the environment of the workstation that executes the plan.
    Environment(EnvironmentName),
}

fn dns_label(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = text.bytes().all(|byte| good(byte) || byte == b'-');
    let ends = text.bytes().next().is_some_and(good) && text.bytes().last().is_some_and(good);
    if inner && ends && text.len() <= 63 {
        return Ok(());
    }
    Err("expected a DNS label: 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit".into())
}

/// Kubernetes asks each part for a label's characters, and for no length of its own.
fn dns_subdomain(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = part.bytes().next().is_some_and(good) && part.bytes().last().is_some_and(good);
        ends && part.bytes().all(|byte| good(byte) || byte == b'-')
    };
    if text.len() <= 253 && text.split('.').all(is_part) {
        return Ok(());
    }
    Err("expected an object's name: 1 to 253 of a-z, 0-9, `-` and `.`, each part beginning and ending with a letter or digit".into())
}

fn plain_word(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if first && text.bytes().all(good) && text.len() <= 128 {
        return Ok(());
    }
    Err("expected 1 to 128 letters, digits, `.`, `_` or `-`, beginning with a letter or digit".into())
}

fn flag_name(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if first && text.bytes().all(good) && text.len() <= 128 {
        return Ok(());
    }
    Err("expected a flag without its dashes: 1 to 128 of a-z, 0-9 and `-`, beginning with a letter".into())
}

fn flag_value(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b',' | b'=' | b'+' | b'@' | b'-');
    if !text.is_empty() && text.bytes().all(good) && text.len() <= 1024 {
        return Ok(());
    }
    Err("expected 1 to 1024 letters, digits and `. _ : / , = + @ -`".into())
}

fn user_name(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if first && text.bytes().all(good) && text.len() <= 32 {
        return Ok(());
    }
    Err("expected a user name: 1 to 32 of a-z, 0-9, `_` and `-`, beginning with a letter or `_`".into())
}

fn interface_name(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if first && text.bytes().all(good) && text.len() <= 15 {
        return Ok(());
    }
    Err("expected a network interface: 1 to 15 letters, digits, `.`, `_` or `-`".into())
}

fn environment_name(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
    if first && text.bytes().all(good) && text.len() <= 64 {
        return Ok(());
    }
    Err("expected an environment variable: 1 to 64 of A-Z, 0-9 and `_`, beginning with a letter".into())
}

fn absolute_path(text: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/' | b'+');
    let shape = text.starts_with('/') && text.len() > 1 && text.len() <= 1024 && text.bytes().all(good);
    let parts = text.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != ".." && !part.starts_with('-'));
    if shape && parts {
        return Ok(());
    }
    Err("expected an absolute path of letters, digits, `.`, `_`, `-`, `+` and `/`, without `..` and without a trailing slash".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_a_dns_label() {
        for good in ["a", "cp-1", "0", "a23456789-123456789-123456789-123456789-123456789-123456789-123"] {
            assert!(MachineName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a b", "a\n", "ä", "a;b", &"a".repeat(64)] {
            assert!(MachineName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_object_is_a_dns_subdomain() {
        for good in ["a", "data-0.store", &"a".repeat(253), "a.b.c"] {
            assert!(ObjectName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "a-.b", "a.-b", "A", "a_b", "a\n", "a'b", "a/b", &"a".repeat(254)] {
            assert!(ObjectName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_path_can_neither_climb_nor_be_read_as_an_option() {
        assert!(AbsolutePath::parse("/opt/k3s/vendor/k3s").is_ok());
        for bad in ["/", "opt", "/a/../b", "/a//b", "/a/", "/a b", "/-rf", "/a$b", "/a/./b"] {
            assert!(AbsolutePath::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_flag_cannot_end_its_line_in_a_unit_nor_be_expanded_there() {
        for good in ["8589934592", "1h", "-1", "TLS_A,TLS_B", "http://10.0.0.1:4317", "jwt,pub-key=/etc/etcd/jwt.pub"] {
            assert!(FlagValue::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a\n", "50%", "%n", "$HOME", "a\\", "'a'", "\"a\"", "a;b", "ä"] {
            assert!(FlagValue::parse(bad).is_err(), "{bad:?}");
        }
        assert!(FlagName::parse("snapshot-count").is_ok() && FlagName::parse("--snapshot-count").is_err());
        assert!(FlagName::parse("a=b").is_err() && FlagName::parse("").is_err());
    }

    #[test]
    fn a_router_id_is_never_zero() {
        assert!(RouterId::new(0).is_err() && RouterId::new(256).is_err());
        assert!(RouterId::new(1).is_ok() && RouterId::new(255).is_ok());
    }
}
