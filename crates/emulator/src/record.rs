//! The record: each request and each answer as a page of raw HTTP, as it went over the wire, which `partproof diagnose` reads. Bytes are
//! written as they go by, so what was cut off stands there as far as it came.

use std::collections::BTreeMap;
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

/// Where the pages of a record are.
#[derive(Clone, Debug)]
pub enum Recording {
    /// Files of an empty folder, made if it is not there.
    Folder(PathBuf),
    /// In memory, for as long as anybody refers to them.
    Memory(Pages),
}

/// Pages in memory, by the names that files would have: `000001-InitiateMultipartUpload-request.http`.
#[derive(Clone, Debug, Default)]
pub struct Pages(Arc<Mutex<BTreeMap<String, Written>>>);

/// The bytes of a page as far as they are written.
#[derive(Clone, Debug, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Pages {
    /// The page of this name; a new one is empty.
    pub fn page(&self, name: &str) -> Written {
        lock(&self.0).entry(name.to_owned()).or_default().clone()
    }

    /// All of them, in the order of their names, which is that of the requests.
    pub fn all(&self) -> BTreeMap<String, Written> {
        lock(&self.0).clone()
    }
}

impl Written {
    /// Writes on.
    pub fn append(&self, bytes: &[u8]) {
        lock(&self.0).extend_from_slice(bytes);
    }

    /// What `read` makes of the bytes so far.
    pub fn with<T>(&self, read: impl FnOnce(&[u8]) -> T) -> T {
        read(&lock(&self.0))
    }
}

/// Requests and answers, a page each.
#[derive(Debug)]
pub(crate) struct Record {
    place: Recording,
    /// Why it could not be written any more.
    failure: Arc<Mutex<Option<io::Error>>>,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Page {
    bytes: PageBytes,
    name: String,
    place: Recording,
    failure: Arc<Mutex<Option<io::Error>>>,
}

#[derive(Debug)]
enum PageBytes {
    File(File),
    Memory(Written),
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
    pub(crate) fn begin(place: Recording) -> io::Result<Self> {
        if let Recording::Folder(folder) = &place {
            let named = |error: io::Error| named(folder, error);
            folder::make(folder)?;
            if fs::read_dir(folder).map_err(named)?.next().is_some() {
                return Err(named(io::Error::other(
                    "it is not empty, expected a folder for the record of one run",
                )));
            }
        }
        Ok(Self {
            place,
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
        let name = format!("{number:06}-{operation}-request.http");
        let page = Page::begin(name, &self.place, &self.failure)?;
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
    fn begin(
        name: String,
        place: &Recording,
        failure: &Arc<Mutex<Option<io::Error>>>,
    ) -> io::Result<Self> {
        let bytes = match place {
            Recording::Folder(folder) => {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true).mode(FILE_MODE);
                PageBytes::File(options.open(folder.join(&name))?)
            }
            Recording::Memory(pages) => PageBytes::Memory(pages.page(&name)),
        };
        Ok(Self {
            bytes,
            name,
            place: place.clone(),
            failure: Arc::clone(failure),
        })
    }

    /// Begins the page of the answer to this request.
    pub(crate) fn answer<B>(&self, response: &hyper::Response<B>) -> io::Result<Self> {
        let name = self.name.replace("-request.http", "-response.http");
        let page = Self::begin(name, &self.place, &self.failure)?;
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
        let written = match &self.bytes {
            PageBytes::File(file) => (&*file).write_all(bytes),
            PageBytes::Memory(written) => {
                written.append(bytes);
                Ok(())
            }
        };
        if let Err(error) = written {
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
