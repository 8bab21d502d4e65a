//! Packets as `tcpdump -A`, `-X` and `-x` print them: what each direction of a connection carried, put together.

use std::collections::{HashMap, HashSet};

use super::{Lines, lines};
use crate::capture::NOT_CAPTURED;

/// A line of a packet, behind which its bytes stand.
struct Header {
    from: Vec<u8>,
    to: Vec<u8>,
    /// Bytes of the headers of IP and TCP, by what the line says of them.
    headers: usize,
    /// Bytes that it carries.
    length: usize,
    /// Where in the stream; a packet that was sent again has the same.
    sequence: Option<u64>,
}

impl Header {
    fn read(line: &[u8]) -> Option<Self> {
        let found = pattern!(concat!(
            r"(?-u)\b(IP6?)\b.* (\S+) > (\S+): Flags \[[^\]]*\](?:, cksum [^,]*)?(?:, seq (\d+)(?::\d+)?)?",
            r".*?(?:, options \[([^\]]*)\])?, length (\d+)"
        ))
        .captures(line)?;
        let network = if &found[1] == b"IP" { 20 } else { 40 };
        let options = found
            .get(5)
            .map_or(0, |options| options_length(options.as_bytes()));
        Some(Self {
            from: found[2].to_vec(),
            to: found[3].to_vec(),
            headers: network + 20 + options,
            length: std::str::from_utf8(&found[6]).ok()?.parse().ok()?,
            sequence: found
                .get(4)
                .and_then(|place| std::str::from_utf8(place.as_bytes()).ok()?.parse().ok()),
        })
    }
}

/// Bytes of the options of TCP, which fill up words of 4.
fn options_length(options: &[u8]) -> usize {
    let text = String::from_utf8_lossy(options);
    let each = text
        .split(',')
        .map(|option| match option.split(' ').next() {
            Some("mss") => 4,
            Some("sackOK") => 2,
            Some("TS") => 10,
            Some("wscale") => 3,
            Some("sack") => 2 + 8 * option.matches('{').count(),
            _ => 1,
        });
    each.sum::<usize>().next_multiple_of(4)
}

/// What one side said until the other spoke.
struct Turn {
    from: Vec<u8>,
    place: u32,
    /// Where each segment begins, what of it is shown, and how long it is.
    segments: Vec<(Option<u64>, Vec<u8>, usize)>,
}

impl Turn {
    /// The segments in the order of the stream, up to the first that is not there or not there whole.
    fn data(mut self) -> Vec<u8> {
        self.segments.sort_by_key(|(sequence, ..)| *sequence);
        let (mut data, mut next) = (Vec::new(), None);
        for (sequence, shown, length) in self.segments {
            let is_next = next.is_none() || sequence.is_none() || next == sequence;
            // Printed as text, CR is left out.
            let ends = shown.iter().filter(|byte| **byte == b'\n').count();
            let is_whole = shown.len() + ends >= length;
            if is_next {
                data.extend(shown);
            }
            if !is_next || !is_whole {
                let has_head = pattern!(r"(?-u)\r?\n\r?\n").is_match(&data);
                data.extend(if has_head { &b""[..] } else { b"\n\n" });
                data.extend(if has_head { &b""[..] } else { NOT_CAPTURED });
                break;
            }
            next = sequence.map(|place| place + u64::try_from(length).unwrap_or(u64::MAX));
        }
        data
    }
}

pub(super) fn tcpdump(bytes: &[u8]) -> Option<Lines> {
    if !pattern!(r"(?-u)\bIP6? .*\S+ > \S+: Flags \[").is_match(bytes) {
        return None;
    }
    let mut packets = Packets::default();
    let mut waits = None;
    for (place, line) in lines(bytes) {
        // With -v it stands in two lines.
        let begun = |line: &[u8]| pattern!(r"(?-u)\bIP6? \(.*\)\s*$").is_match(line);
        if begun(line) {
            packets.end();
            waits = Some(line.to_vec());
        } else if let Some(header) = waits
            .take()
            .map(|first| [&first, line].concat())
            .and_then(|whole| Header::read(&whole))
            .or_else(|| Header::read(line))
        {
            packets.end();
            packets.open = Some((place, header, Vec::new()));
        } else if let Some((_, _, text)) = &mut packets.open {
            text.push(line.to_vec());
        }
    }
    packets.end();
    let mut out = Lines::default();
    for turn in packets.turns {
        let place = turn.place;
        out.push_raw(place, &turn.data());
        out.end_line();
    }
    Some(out)
}

#[derive(Default)]
struct Packets {
    open: Option<(u32, Header, Vec<Vec<u8>>)>,
    turns: Vec<Turn>,
    /// The last turn of each connection, by its two ends in order.
    last: HashMap<[Vec<u8>; 2], usize>,
    seen: HashSet<(Vec<u8>, Vec<u8>, u64)>,
}

impl Packets {
    /// Ends the packet that is open.
    fn end(&mut self) {
        let Some((place, header, text)) = self.open.take() else {
            return;
        };
        let is_new = header.sequence.is_none_or(|sequence| {
            self.seen
                .insert((header.from.clone(), header.to.clone(), sequence))
        });
        let carried =
            carried(&header, &text).filter(|data| header.length > 0 && is_new && !data.is_empty());
        let Some(data) = carried else {
            return;
        };
        let mut ends = [header.from.clone(), header.to];
        ends.sort();
        let last = self.last.get(&ends).and_then(|at| self.turns.get_mut(*at));
        let segment = (header.sequence, data, header.length);
        match last.filter(|turn| turn.from == header.from) {
            Some(turn) => turn.segments.push(segment),
            None => {
                self.last.insert(ends, self.turns.len());
                self.turns.push(Turn {
                    from: header.from,
                    place,
                    segments: vec![segment],
                });
            }
        }
    }
}

/// What a packet carries, by the lines that show its bytes.
fn carried(header: &Header, text: &[Vec<u8>]) -> Option<Vec<u8>> {
    let row = pattern!(r"(?-u)^\s*0x[0-9a-f]{4}:\s+((?:[0-9a-f]{2,4} )*[0-9a-f]{2,4})(?:  |\s*$)");
    let rows: Vec<_> = text
        .iter()
        .filter_map(|line| row.captures(line))
        .map(|found| found[1].to_vec())
        .collect();
    if !rows.is_empty() {
        let digits: Vec<u8> = rows
            .concat()
            .into_iter()
            .filter(u8::is_ascii_hexdigit)
            .collect();
        let pairs = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let data: Vec<u8> = pairs.collect();
        return segment(&data).map(<[u8]>::to_vec);
    }
    // With -v, tcpdump tells of HTTP by itself before it shows the bytes.
    let shown = text.iter().skip_while(|line| line.starts_with(b"\t"));
    let shown = shown.cloned().collect::<Vec<_>>().join(&b'\n');
    // A link has a header of its own; the first letter of IP is its version and length, E or a backquote.
    let start = shown
        .iter()
        .take(20)
        .position(|byte| b"E`".contains(byte))?;
    shown.get(start + header.headers..).map(<[u8]>::to_vec)
}

/// What a segment of TCP carries, in a packet with or without the header of a link.
fn segment(packet: &[u8]) -> Option<&[u8]> {
    const TCP: u8 = 6;
    let word = |at: usize| {
        Some(usize::from(u16::from_be_bytes([
            *packet.get(at)?,
            *packet.get(at + 1)?,
        ])))
    };
    // None, Ethernet, and the two of Linux.
    [0, 14, 16, 20].into_iter().find_map(|ip| {
        let first = *packet.get(ip)?;
        let (tcp, end) = match first >> 4 {
            4 if *packet.get(ip + 9)? == TCP => {
                (ip + usize::from(first & 15) * 4, ip + word(ip + 2)?)
            }
            6 if *packet.get(ip + 6)? == TCP => (ip + 40, ip + 40 + word(ip + 4)?),
            _ => return None,
        };
        let data = tcp + usize::from(*packet.get(tcp + 12)? >> 4) * 4;
        packet.get(data..end.min(packet.len()))
    })
}
