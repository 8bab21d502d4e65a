//! A request and what was answered, as far as people are shown them.

/// So many exchanges of a case are shown at most.
pub const MOST_EXCHANGES: usize = 24;

/// A request and what was answered. Values and bodies are cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// Which one it was, from 1, in the order in which requests arrived.
    pub number: usize,
    /// The operation, by the service's name.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The path, with the query.
    pub target: String,
    /// The request's headers.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body.
    pub body: String,
    /// What was answered; nothing if the connection was cut.
    pub answer: Option<Answered>,
    /// It is the request that the finding is about, as far as that is known.
    pub is_meant: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The service's error number.
    pub ec: Option<String>,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: String,
}

impl Exchanged {
    /// What came of it, in a few words.
    pub fn outcome(&self) -> String {
        match &self.answer {
            None => "no answer: the connection was cut".to_owned(),
            Some(Answered {
                status, ec: None, ..
            }) => status.to_string(),
            Some(Answered {
                status,
                ec: Some(ec),
                ..
            }) => format!("{status}, EC {ec}"),
        }
    }

    /// Whether it was refused, or not answered.
    pub fn is_refused(&self) -> bool {
        self.answer
            .as_ref()
            .is_none_or(|answer| answer.status >= 400)
    }
}
