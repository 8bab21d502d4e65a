//! Times as the service writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Tells the time.
pub(crate) type Clock = fn() -> SystemTime;

/// `2006-01-02T15:04:05.000Z`, in XML.
pub(crate) fn iso(time: SystemTime) -> String {
    timestamp(time)
        .strftime("%Y-%m-%dT%H:%M:%S.000Z")
        .to_string()
}

/// `20060102T150405Z`, in signatures.
pub(crate) fn basic(time: SystemTime) -> String {
    timestamp(time).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Reads `20060102T150405Z`.
pub(crate) fn parse_basic(text: &str) -> Option<SystemTime> {
    let zoned = format!("{text}+0000");
    let time = Timestamp::strptime("%Y%m%dT%H%M%SZ%z", &zoned).ok()?;
    let seconds = u64::try_from(time.as_second()).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn timestamp(time: SystemTime) -> Timestamp {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let seconds = i64::try_from(seconds).unwrap_or(0);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let time = UNIX_EPOCH + Duration::from_secs(1_795_334_168);
        assert_eq!(basic(time), "20261122T075608Z");
        assert_eq!(parse_basic("20261122T075608Z"), Some(time));
        assert_eq!(iso(time), "2026-11-22T07:56:08.000Z");
        assert_eq!(parse_basic("20261122"), None);
    }
}
