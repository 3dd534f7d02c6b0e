//! Which texts are secrets by their own form, whatever the key above them is called.
//!
//! A password between an address's scheme and its host, tokens that begin as services let theirs begin, private keys. What a template
//! looks up is no secret: it only says where to look. Does not know where a text stands.

use std::borrow::Cow;

/// Why a literal secret is refused wherever it stands.
pub const NO_LONGER_SECRET: &str = "a plan is reviewed, committed and printed by pipelines: what stands in it is no longer secret.";

/// A secret that shows by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretForm {
    /// `scheme://user:password@host`.
    Credentials,
    Token,
    PrivateKey,
}

impl SecretForm {
    /// What is said about it instead of showing it.
    pub fn words(self) -> &'static str {
        match self {
            SecretForm::Credentials => "an address with a password",
            SecretForm::Token => "what looks like an access token",
            SecretForm::PrivateKey => "a private key",
        }
    }
}

/// How the tokens of well-known services begin.
const TOKENS: &[&str] = &["ghp_", "github_pat_", "glpat-", "AKIA", "xoxa-", "xoxb-", "xoxp-"];

/// Fewer characters after its beginning are no token.
const SHORTEST_TOKEN: usize = 8;

/// The first secret in a text.
pub fn secret_form(text: &str) -> Option<SecretForm> {
    let text = without_templates(text);
    if is_private_key(&text) {
        Some(SecretForm::PrivateKey)
    } else if credentials(&text).next().is_some() {
        Some(SecretForm::Credentials)
    } else {
        has_token(&text).then_some(SecretForm::Token)
    }
}

/// The text with `***` for the users and passwords of its addresses, if that leaves no secret in it.
pub(super) fn without_credentials(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut from = 0;
    for (start, end) in credentials(text) {
        shown.push_str(text.get(from..start).unwrap_or_default());
        shown.push_str("***");
        from = end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    secret_form(&shown).is_none().then_some(shown)
}

/// Where users with passwords stand in the addresses of a text.
fn credentials(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices("://").filter_map(|(at, scheme_end)| {
        let start = at + scheme_end.len();
        let rest = text.get(start..)?;
        let authority = rest.split(|character: char| character.is_whitespace() || "/?#\"'`<>".contains(character)).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        (!password.is_empty()).then_some((start, start + user.len()))
    })
}

fn has_token(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    TOKENS.iter().flat_map(|token| text.match_indices(token)).any(|(at, token)| {
        let begins = !text.get(..at).unwrap_or_default().ends_with(|character: char| character.is_ascii_alphanumeric());
        let rest = text.get(at + token.len()..).unwrap_or_default();
        begins && rest.chars().take_while(|character| is_part(*character)).count() >= SHORTEST_TOKEN
    })
}

fn is_private_key(text: &str) -> bool {
    text.lines().any(|line| line.split_once("-----BEGIN ").is_some_and(|(_, kind)| kind.contains("PRIVATE KEY")))
}

/// What is looked up when the text is used stands in no file.
fn without_templates(text: &str) -> Cow<'_, str> {
    if !text.contains("{{") {
        return Cow::Borrowed(text);
    }
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, template)) = rest.split_once("{{") {
        let Some((_, after)) = template.split_once("}}") else { break };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_a_secret_and_one_without_is_not() {
        for secret in ["http://joe:hunter2@10.6.0.9:3128", "a https://:hunter2@host/a", "http://{{ user }}:hunter2@host", "x://a:b:c@[::1]"]
        {
            assert_eq!(secret_form(secret), Some(SecretForm::Credentials), "{secret}");
        }
        for open in [
            "http://10.6.0.9:3128",
            "ssh://git@host:22/a",
            "http://joe:@host",
            "http://joe:{{ lookup('file', '/a@b') }}@host",
            "http://host:9000/a@sha256:0",
            "joe:a@host",
            "{{ registry_host }}/registry.k8s.io",
        ] {
            assert_eq!(secret_form(open), None, "{open}");
        }
    }

    #[test]
    fn a_token_is_known_by_its_beginning_at_the_beginning_of_a_word() {
        for secret in
            ["ghp_abcdefghijklmnop", "token github_pat_11ABCDEFG0", "glpat-abcdefgh1234", "AKIAIOSFODNN7EXAMPLE", "a=xoxb-123456789"]
        {
            assert_eq!(secret_form(secret), Some(SecretForm::Token), "{secret}");
        }
        for open in ["ghp_", "glpat-x", "bAKIAIOSFODNN7EXAMPLE", "xoxc-123456789"] {
            assert_eq!(secret_form(open), None, "{open}");
        }
    }

    #[test]
    fn a_private_key_is_known_by_its_first_line_and_a_public_one_is_no_secret() {
        assert_eq!(secret_form("a\n-----BEGIN OPENSSH PRIVATE KEY-----\nb"), Some(SecretForm::PrivateKey));
        assert_eq!(secret_form("-----BEGIN CERTIFICATE-----\nb"), None);
    }

    #[test]
    fn only_the_user_of_an_address_is_masked() {
        let masked = |text: &str| without_credentials(text);
        assert_eq!(masked("http://minio:secret@10.6.0.5:9000").as_deref(), Some("http://***@10.6.0.5:9000"));
        assert_eq!(masked("a://b:c@d,e://f:g@h i").as_deref(), Some("a://***@d,e://***@h i"));
        assert_eq!(masked("http://10.6.0.5:9000").as_deref(), Some("http://10.6.0.5:9000"));
        for more in ["http://joe:a@host ghp_abcdefghijklmnop", "http://{{ user }}:hunter2@host"] {
            assert_eq!(masked(more), None, "{more}");
        }
    }
}
