//! A process that is told to end. It is a test of its own: in its process no temporary folder can be made any more.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use partproof_emulator::temporary::{TemporaryFolder, remove_all};

#[test]
fn whoever_drops_a_folder_in_the_end_does_not_wait_and_whoever_asks_for_one_does() {
    let folder = TemporaryFolder::new().unwrap();
    let path = folder.path().to_owned();
    remove_all();
    assert!(!path.exists());
    drop(folder);
    let (sender, made) = channel();
    thread::spawn(move || sender.send(TemporaryFolder::new().is_ok()));
    let waited = made.recv_timeout(Duration::from_millis(100));
    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
}
