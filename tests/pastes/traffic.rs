//! An upload, as tools that look at the wire, or stand beside it, show it.

use crate::renderers::{Exchange, each};

pub(super) fn wireshark(upload: &[Exchange]) -> String {
    let stream = each(upload, |exchange| {
        format!(
            "469\n{}\n\n{}\n\t399\n{}\n\n{}\n",
            exchange.request.join("\n"),
            exchange.sent,
            exchange.answer.join("\n"),
            exchange.received
        )
    });
    format!(
        "\n{0}\nFollow: tcp,ascii\nFilter: tcp.stream eq 0\nNode 0: 127.0.0.1:59248\nNode 1: 127.0.0.1:80\n{stream}{0}\n",
        "=".repeat(67)
    )
}

pub(super) fn wireshark_hex(upload: &[Exchange]) -> String {
    let rows = |text: String, indent: &str| {
        let rows = text.as_bytes().chunks(16).enumerate().map(|(at, row)| {
            let pairs: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
            format!(
                "{indent}{:08x}  {pairs:48}  {}\n",
                at * 16,
                "................"
            )
        });
        rows.collect::<String>()
    };
    each(upload, |exchange| {
        rows(
            exchange.request.join("\r\n") + "\r\n\r\n" + &exchange.sent,
            "",
        ) + &rows(
            exchange.answer.join("\r\n") + "\r\n\r\n" + &exchange.received,
            "    ",
        )
    })
}

/// A packet for each message, as `tcpdump -A` or `-X` prints it.
pub(super) fn tcpdump(upload: &[Exchange], is_hex: bool) -> String {
    let packet = |ends: &str, at: &mut usize, payload: String| {
        let length = payload.len();
        let header = format!(
            "18:51:17.987522 IP {ends}: Flags [P.], seq {at}:{}, ack 1, win 64, options [nop,nop,TS val 1 ecr 2], length {length}: HTTP\n",
            *at + length
        );
        *at += length;
        if !is_hex {
            // Of 52 bytes of headers, most are dots.
            return format!(
                "{header}E..4{}{}\n",
                ".".repeat(48),
                payload.replace('\r', "")
            );
        }
        let mut bytes = vec![0; 52];
        bytes[0] = 0x45;
        bytes[2..4].copy_from_slice(&u16::try_from(52 + length).unwrap().to_be_bytes());
        bytes[9] = 6;
        bytes[32] = 0x80;
        bytes.extend(payload.bytes());
        let rows = bytes.chunks(16).enumerate().map(|(row, bytes)| {
            let groups = bytes.chunks(2).map(|pair| {
                pair.iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            });
            format!(
                "\t0x{:04x}:  {:39}  ................\n",
                row * 16,
                groups.collect::<Vec<_>>().join(" ")
            )
        });
        header + &rows.collect::<String>()
    };
    let (mut sent, mut received) = (1, 1);
    let mut text = String::new();
    for exchange in upload {
        let message = |head: &[String], body: &str| head.join("\r\n") + "\r\n\r\n" + body;
        text += &packet(
            "h.59248 > s.80",
            &mut sent,
            message(&exchange.request, &exchange.sent),
        );
        text += &packet(
            "s.80 > h.59248",
            &mut received,
            message(&exchange.answer, &exchange.received),
        );
    }
    text
}

/// The console of Postman, as it copies exchanges and as its window shows them.
pub(super) fn postman(upload: &[Exchange], is_window: bool) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let address = format!(
            "{} https://b.oss-cn-example.aliyuncs.com{}",
            words[0], words[1]
        );
        let status = exchange.answer[0].split(' ').nth(1).unwrap();
        let pairs = |head: &[String]| -> Vec<(String, String)> {
            let pairs = head[1..].iter().filter_map(|line| line.split_once(": "));
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        if !is_window {
            let object = |head: &[String]| {
                pairs(head)
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect::<serde_json::Map<_, _>>()
            };
            let copied = serde_json::json!({
                "Network": {"addresses": {}},
                "Request Headers": object(&exchange.request),
                "Request Body": exchange.sent,
                "Response Headers": object(&exchange.answer),
                "Response Body": exchange.received,
            });
            return format!("{address}: {copied:#}\n");
        }
        let shown = |head: &[String]| {
            pairs(head)
                .iter()
                .map(|(name, value)| format!("{name}: \"{value}\"\n"))
                .collect::<String>()
        };
        format!(
            "\u{25bc}{address}\n{status}\n31 ms\n\u{25b6}Network\n\u{25bc}Request Headers\n{}\u{25bc}Request Body\n{}\n\u{25bc}Response Headers\n{}\u{25bc}Response Body\n{}\n",
            shown(&exchange.request),
            exchange.sent,
            shown(&exchange.answer),
            exchange.received
        )
    })
}

/// `ngrep -W byline`, which has a dot for CR.
pub(super) fn ngrep(upload: &[Exchange]) -> String {
    let packet = |ends: &str, head: &[String], body: &str| {
        let head: String = head.iter().map(|line| format!("{line}.\n")).collect();
        format!("##\nT 2026/11/26 18:51:15.100000 {ends} [AP] #4\n{head}.\n{body}\n")
    };
    each(upload, |exchange| {
        packet(
            "10.0.0.1:51844 -> 10.0.0.2:80",
            &exchange.request,
            &exchange.sent,
        ) + &packet(
            "10.0.0.2:80 -> 10.0.0.1:51844",
            &exchange.answer,
            &exchange.received,
        )
    })
}

/// The tree of `tshark -V`.
pub(super) fn tshark(upload: &[Exchange]) -> String {
    let frame = |head: &[String], body: &str| {
        let head: String = head
            .iter()
            .map(|line| format!("    {line}\\r\\n\n"))
            .collect();
        let body = match body {
            "" => String::new(),
            body => format!(
                "    File Data: {} bytes\nLine-based text data: application/xml (1 lines)\n    {body}\n",
                body.len()
            ),
        };
        format!(
            "Frame 4: 771 bytes on wire (6168 bits)\nInternet Protocol Version 4, Src: 10.0.0.1, Dst: 10.0.0.2\nTransmission Control Protocol, Src Port: 51844, Dst Port: 80\n\
             Hypertext Transfer Protocol\n{head}    \\r\\n\n{body}\n"
        )
    };
    each(upload, |exchange| {
        frame(&exchange.request, &exchange.sent) + &frame(&exchange.answer, &exchange.received)
    })
}

/// `nghttp -v`, which does not show what is sent.
pub(super) fn nghttp(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let sent: String = exchange.request[1..]
            .iter()
            .map(|line| format!("          {line}\n"))
            .collect();
        let status = exchange.answer[0].split(' ').nth(1).unwrap();
        let received: String = exchange.answer[1..]
            .iter()
            .map(|line| format!("[  0.105] recv (stream_id=13) {line}\n"))
            .collect();
        format!(
            "[  0.100] send HEADERS frame <length=212, flags=0x25, stream_id=13>\n          ; END_STREAM | END_HEADERS\n          :method: {}\n          :path: {}\n          \
             :scheme: https\n          :authority: b.oss-cn-example.aliyuncs.com\n{sent}[  0.105] recv (stream_id=13) :status: {status}\n{received}\
             [  0.105] recv HEADERS frame <length=99, flags=0x04, stream_id=13>\n          ; END_HEADERS\n{}\n[  0.106] recv DATA frame <length=9, flags=0x01, stream_id=13>\n",
            words[0], words[1], exchange.received
        )
    })
}
