//! The server: accepts connections, bounds them, and gives each request to the handler.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, oneshot};
use tokio_io_timeout::TimeoutStream;

use crate::handler::{Answered, Cut, Handler};
use crate::paced::Paced;
use crate::script::Script;
use crate::traffic::Traffic;
use crate::{Config, Limits};

/// A running emulator. It ends when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    pub(crate) handler: Arc<Handler>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts one, with threads of its own.
    ///
    /// # Errors
    /// An address that cannot be listened on, or a folder that cannot be used.
    pub fn start(config: Config) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let listener = runtime
            .block_on(TcpListener::bind(config.listen))
            .map_err(|error| {
                let address = config.listen;
                io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
            })?;
        let address = listener.local_addr()?;
        let handler = Arc::new(Handler::new(config)?);
        let (stop, stopped) = oneshot::channel();
        let kept = Arc::clone(&handler);
        let thread = thread::Builder::new().spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, Arc::clone(&handler)) => {}
                    _ = stopped => {}
                }
            });
            handler.close();
            // Requests that are under way are given up.
            // What holds the folder is gone when this is: the next start finds it free.
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        })?;
        Ok(Self {
            address,
            handler: kept,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on other things go wrong: the requests are counted anew.
    pub fn replan(&self, script: Script) {
        self.handler.replan(script);
    }

    /// What went over the wire since this was last asked, or since the start.
    pub fn traffic(&self) -> Traffic {
        self.handler.traffic.take()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, handler: Arc<Handler>) {
    let (limits, title_case) = (handler.config().limits, handler.config().title_case);
    let connections = Arc::new(Semaphore::new(limits.connections));
    while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                // Out of descriptors, or the peer is gone already.
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            }
        };
        // Small answers would wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        handler.traffic.connection();
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(limits.idle));
            let stream = Paced::new(Box::pin(stream), limits, Arc::clone(&handler.traffic));
            let answer = |request| handler.answer(request);
            serve(TokioIo::new(stream), limits, title_case, answer).await;
            drop(permit);
        });
    }
}

/// Serves one connection, whatever carries it.
pub(crate) async fn serve<I, F>(
    io: I,
    limits: Limits,
    title_case: bool,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    I: Read + Write + Unpin,
    F: Future<Output = Result<Response<Answered>, Cut>>,
{
    // A connection that ends badly ends alone.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .title_case_headers(title_case)
        .max_buf_size(limits.head.max(8 * 1024))
        // A client that has said all it has to say may close its half: what arrived whole is carried out and answered, whenever it did so.
        .half_close(true)
        .serve_connection(io, service_fn(answer))
        .await;
}
