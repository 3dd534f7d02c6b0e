//! SHA-256, as `sha256sum` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The digest in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `SHA256SUMS` over all files but itself.
pub fn sums(files: &BTreeMap<String, String>) -> String {
    let listed = files.iter().filter(|(path, _)| path.as_str() != "SHA256SUMS");
    listed.map(|(path, content)| format!("{}  {path}\n", sha256_hex(content.as_bytes()))).collect()
}
