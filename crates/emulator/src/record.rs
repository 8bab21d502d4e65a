//! The record: each request and each answer as a file of raw HTTP, as it went over the wire, which `partproof diagnose` reads. Bytes are
//! written as they go by, so what was cut off stands there as far as it came.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use hyper::http::request::Parts;

use crate::folder::{self, FILE_MODE, named};
use crate::operation::Operation;

/// A folder of requests and answers.
#[derive(Debug)]
pub(crate) struct Record {
    folder: PathBuf,
    /// Why it could not be written any more.
    failure: Arc<Mutex<Option<io::Error>>>,
}

/// The file of one message.
#[derive(Debug)]
pub(crate) struct Page {
    file: File,
    path: PathBuf,
    failure: Arc<Mutex<Option<io::Error>>>,
}

/// A body that is written down as it goes by.
pub(crate) struct Recorded<B> {
    body: B,
    page: Option<Page>,
    /// Whether its length was not announced, so that each piece says its own.
    is_chunked: bool,
    /// How many more bytes are written down.
    left: usize,
}

impl Record {
    /// Begins one.
    ///
    /// # Errors
    /// A folder that cannot be made, or has something in it: a record is of one run.
    pub(crate) fn begin(folder: PathBuf) -> io::Result<Self> {
        let named = |error: io::Error| named(&folder, error);
        folder::make(&folder)?;
        if fs::read_dir(&folder).map_err(named)?.next().is_some() {
            return Err(named(io::Error::other(
                "it is not empty, expected a folder for the record of one run",
            )));
        }
        Ok(Self {
            folder,
            failure: Arc::default(),
        })
    }

    /// Begins the page of a request.
    ///
    /// # Errors
    /// It cannot be written, or one before it could not.
    pub(crate) fn page(
        &self,
        number: u64,
        operation: Option<Operation>,
        request: &Parts,
    ) -> io::Result<Page> {
        if let Some(failure) = &*lock(&self.failure) {
            return Err(io::Error::other(format!("the record: {failure}")));
        }
        let operation = operation.map_or("unknown".to_owned(), |operation| operation.to_string());
        let path = self
            .folder
            .join(format!("{number:06}-{operation}-request.http"));
        let page = Page::begin(path, &self.failure)?;
        let target = request.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        page.head(
            &format!("{} {target} HTTP/1.1", request.method),
            &request.headers,
        );
        Ok(page)
    }
}

impl Page {
    fn begin(path: PathBuf, failure: &Arc<Mutex<Option<io::Error>>>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(FILE_MODE);
        let file = options.open(&path)?;
        let failure = Arc::clone(failure);
        Ok(Self {
            file,
            path,
            failure,
        })
    }

    /// Begins the page of the answer to this request.
    pub(crate) fn answer<B>(&self, response: &hyper::Response<B>) -> io::Result<Self> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.replace("-request.http", "-response.http");
        let page = Self::begin(self.path.with_file_name(name), &self.failure)?;
        let status = response.status();
        let reason = status.canonical_reason().unwrap_or_default();
        page.head(
            &format!("HTTP/1.1 {} {reason}", status.as_u16()),
            response.headers(),
        );
        Ok(page)
    }

    fn head(&self, line: &str, headers: &HeaderMap) {
        let mut head = format!("{line}\r\n").into_bytes();
        for (name, value) in headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        self.write(&head);
    }

    fn write(&self, bytes: &[u8]) {
        if let Err(error) = (&self.file).write_all(bytes) {
            lock(&self.failure).get_or_insert(error);
        }
    }
}

impl<B> Recorded<B> {
    /// A request's body.
    pub(crate) fn request(body: B, page: Option<Page>, headers: &HeaderMap) -> Self {
        let is_chunked =
            headers.contains_key(TRANSFER_ENCODING) && !headers.contains_key(CONTENT_LENGTH);
        Self {
            body,
            page,
            is_chunked,
            left: usize::MAX,
        }
    }

    /// From here on only so many bytes are written down: the body is of a request that nobody has to answer for.
    pub(crate) fn write_at_most(&mut self, bytes: usize) {
        self.left = bytes;
    }

    /// The page, for the answer to be written beside.
    pub(crate) fn into_page(self) -> Option<Page> {
        self.page
    }

    /// An answer's body.
    pub(crate) fn answer(body: B, page: Page) -> Self {
        Self {
            body,
            page: Some(page),
            is_chunked: false,
            left: usize::MAX,
        }
    }
}

impl<B> Body for Recorded<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Self {
            body,
            page,
            is_chunked,
            left,
        } = &mut *self;
        let frame = Pin::new(body).poll_frame(context);
        let Some(page) = page else {
            return frame;
        };
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
                let bytes = bytes.get(..bytes.len().min(*left)).unwrap_or_default();
                *left = left.saturating_sub(bytes.len());
                match (*is_chunked, bytes) {
                    (_, []) => {}
                    (false, bytes) => page.write(bytes),
                    (true, bytes) => {
                        page.write(format!("{:x}\r\n", bytes.len()).as_bytes());
                        page.write(bytes);
                        page.write(b"\r\n");
                    }
                }
            }
            // What was left out shows by the end that is not there.
            Poll::Ready(None) if *is_chunked && *left > 0 => page.write(b"0\r\n\r\n"),
            _ => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        // Asked for its end even so, where the end is to be written.
        !self.is_chunked && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|broken| broken.into_inner())
}
