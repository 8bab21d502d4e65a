//! Who signs: an access key, and the security token that goes with a temporary one.

use std::fmt;

use zeroize::Zeroizing;

/// An access key pair. The secret is wiped when dropped, and never printed.
#[derive(Clone)]
pub struct Credentials {
    /// The access key's id, which travels.
    pub id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// A key pair.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Credentials {
            id: id.into(),
            secret: Zeroizing::new(secret.into()),
            token: None,
        }
    }

    /// The same with the security token of temporary credentials.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Credentials {
            token: Some(Zeroizing::new(token.into())),
            ..self
        }
    }

    pub(crate) fn expose_secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn expose_token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.as_str())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE").with_token("TOKEN");
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { id: \"AKIDEXAMPLE\", .. }"
        );
    }
}
