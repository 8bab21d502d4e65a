//! A connection whose reader must keep up. One that takes a byte now and then would otherwise hold its connection, and what it is sent, for ever;
//! one that takes nothing is dropped by a time limit on each write already. What goes by is counted.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Limits;
use crate::traffic::Counting;

/// A stream that ends when its reader is too slow.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    stream: S,
    limits: Limits,
    /// Since when a write waits for the reader.
    waits_since: Option<Instant>,
    /// How long writes waited, and what was taken, since this was last looked at.
    waited: Duration,
    taken: u64,
    traffic: Arc<Counting>,
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S, limits: Limits, traffic: Arc<Counting>) -> Self {
        Self {
            stream,
            limits,
            waits_since: None,
            waited: Duration::ZERO,
            taken: 0,
            traffic,
        }
    }

    /// Counts what a write of so many bytes came to. Only the time in which it waited counts, so that a client may think as long as it likes between two
    /// requests. The traffic has counted all of them before: who has read an answer finds it counted.
    fn count(
        &mut self,
        length: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let gone = match &written {
            Poll::Ready(Ok(gone)) => *gone,
            _ => 0,
        };
        self.traffic.take_back(length.saturating_sub(gone));
        if written.is_pending() {
            self.waits_since.get_or_insert_with(Instant::now);
            return Poll::Pending;
        }
        let length = ready!(written)?;
        if let Some(since) = self.waits_since.take() {
            self.waited = self.waited.saturating_add(since.elapsed());
        }
        let taken = u64::try_from(length).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(taken);
        if self.waited >= self.limits.idle && !self.waited.is_zero() {
            let least =
                u128::from(self.limits.slowest).saturating_mul(self.waited.as_millis()) / 1000;
            if u128::from(self.taken) < least {
                let detail = "too few bytes a second are read";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, detail)));
            }
            (self.waited, self.taken) = (Duration::ZERO, 0);
        }
        Poll::Ready(Ok(length))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.traffic
            .bytes(buffer.filled().len().saturating_sub(before));
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.traffic.bytes(bytes.len());
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(bytes.len(), written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bytes.iter().map(|slice| slice.len()).sum();
        self.traffic.bytes(length);
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.count(length, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
