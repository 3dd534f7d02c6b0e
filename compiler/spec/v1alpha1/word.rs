//! Texts of a fixed form: the pattern that an editor checks, and the sentence that it shows.
//!
//! Kept as text here; `model` parses each into its own type. A test holds both readings against each other.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[doc = $description:literal])+ $name:ident $longest:literal $pattern:literal $expected:literal $(because $why:literal instead $help:literal)?;)*) => {$(
        $(#[doc = $description])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!($($description,)+).trim(),
                    "minLength": 1,
                    "maxLength": $longest,
                    "pattern": $pattern,
                    // A keyword of VS Code's language server; our own findings use it as well.
                    "patternErrorMessage": $expected,
                    $("x-why": $why, "x-help": $help,)?
                })
            }
        }
    )*};
}

words! {
    /// An RFC 1123 label.
    Label 63 "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" "expected a DNS label: 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit";
    /// The name of a Kubernetes object: an RFC 1123 subdomain.
    ObjectName 253 "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$" "expected an object's name: 1 to 253 of a-z, 0-9, `-` and `.`, each part beginning and ending with a letter or digit";
    /// The name of a declared machine.
    MachineName 63 "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" "expected a machine's name: 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit"
        because "the name is a part of the names of steps, files and nodes, each a DNS label: it has no dots and no capital letters."
        instead "use the short name, which must be the node's name in the cluster; a member of etcd may be called otherwise: `etcd.memberNames`";
    /// A word of plain characters.
    PlainWord 128 "^[A-Za-z0-9][A-Za-z0-9._-]*$" "expected letters, digits, `.`, `_` or `-`, beginning with a letter or digit";
    /// A long flag without its dashes.
    FlagName 128 "^[a-z][a-z0-9-]*$" "expected a flag without its dashes: a-z, 0-9 and `-`, beginning with a letter";
    /// A POSIX user name.
    UserName 32 "^[a-z_][a-z0-9_-]*$" "expected a user name: a-z, 0-9, `_` and `-`, beginning with a letter or `_`";
    /// A network interface's name, as Linux allows it.
    InterfaceName 15 "^[A-Za-z0-9][A-Za-z0-9._-]*$" "expected a network interface: 1 to 15 letters, digits, `.`, `_` or `-`";
    /// The name of an environment variable.
    EnvironmentName 64 "^[A-Z][A-Z0-9_]*$" "expected an environment variable: A-Z, 0-9 and `_`, beginning with a letter";
    /// An absolute path.
    AbsolutePath 1024 "^(/(?!\\.{1,2}(/|$))[A-Za-z0-9._+][A-Za-z0-9._+-]*)+$" "expected an absolute path of letters, digits, `.`, `_`, `-`, `+` and `/`, without `..` and without a trailing slash";
    /// An IPv4 or IPv6 address.
    Address 45 "^[0-9A-Fa-f:.]+$" "expected an IPv4 or IPv6 address, such as 10.20.0.11";
    /// An address with the length of its network's prefix.
    Network 49 "^[0-9A-Fa-f:.]+/[0-9]{1,3}$" "expected an address with its prefix length, such as 10.20.0.100/24";
    /// A k3s release.
    K3sVersion 40 "^v(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\+k3s(0|[1-9][0-9]{0,3})$" "expected a k3s release such as v1.24.17+k3s1";
    /// A release such as `v0.12.2`; the `v` may be missing.
    Release 40 "^v?(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})$" "expected a release such as v0.12.2";
    /// A container image with a tag or a digest.
    ImageReference 512 "^[a-z0-9]([a-z0-9.:/_-]*[a-z0-9])?(:[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?(@sha256:[0-9a-f]{64})?$" "expected a container image, such as ghcr.io/kubean-io/spray-job:v0.12.2";
    /// An HTTP address without a path.
    PlainUrl 256 "^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$" "expected an address such as http://10.6.0.5:9000, without a path";
    /// An operating system with its version, such as `ubuntu-22.04`.
    OperatingSystem 40 "^(centos|debian|kylin|openeuler|oracle|rhel|rocky|ubuntu)-[0-9a-z]+([.-][0-9a-z]+)*$" "expected an operating system with its version, such as ubuntu-22.04; known are centos, debian, kylin, openeuler, oracle, rhel, rocky, ubuntu";
    /// A playbook's file name.
    Playbook 64 "^[a-z0-9][A-Za-z0-9-]*\\.yml$" "expected a playbook's file name, such as disable-firewalld.yml";
    /// A release of ocboot, as its tag is called.
    OcbootRelease 60 "^master-v(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})-(0|[1-9][0-9]{0,3})$" "expected the tag of a release of ocboot, such as master-v4.0.3-4";
    /// Where images come from: a registry, and a path in it, without a tag.
    ImageRepository 256 "^[a-z0-9]+([._-][a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-][a-z0-9]+)*)*$" "expected a registry with a path, such as registry.cn-beijing.aliyuncs.com/yunionio";
    /// A host's name or its IPv4 address.
    HostName 253 "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$" "expected a host's name or its IPv4 address: words of letters, digits and `-`, with `.` between them";
    /// A step of the plan, or a phase with all its steps.
    StepPath 256 "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)*$" "expected a phase or a step of the plan, such as 30-grow-etcd/phy-1";
    /// Free text for people.
    Prose 500 "\\S" "expected a text";
}
