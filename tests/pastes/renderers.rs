//! An upload, written in every form and decoration that is read.

use std::fmt::Write as _;

/// A request and its answer: start lines, headers and bodies.
pub(super) struct Exchange {
    pub(super) request: Vec<String>,
    pub(super) sent: String,
    pub(super) answer: Vec<String>,
    pub(super) received: String,
}

/// An upload of which so many parts are listed, and three are expected.
pub(super) fn upload(listed: u64) -> Vec<Exchange> {
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let mut list = String::from("<CompleteMultipartUpload>");
    for number in 1..=listed {
        write!(list, "<Part><PartNumber>{number}</PartNumber><ETag>\"0123456789ABCDEF0123456789ABCDE{number}\"</ETag></Part>").unwrap();
    }
    list.push_str("</CompleteMultipartUpload>");
    let refused = listed != 3;
    let result = match refused {
        true => {
            "<Error><Code>InvalidEncryptionRequest</Code><Message>The part list is not as declared.</Message><EC>0005-00000411</EC></Error>"
        }
        false => {
            "<CompleteMultipartUploadResult><Key>report.bin</Key><ETag>\"A-3\"</ETag></CompleteMultipartUploadResult>"
        }
    };
    let mut answer = texts(&[
        if refused {
            "HTTP/1.1 400 Bad Request"
        } else {
            "HTTP/1.1 200 OK"
        },
        "content-type: application/xml",
    ]);
    answer.push(format!("content-length: {}", result.len()));
    let mut complete = texts(&[
        "POST /report.bin?uploadId=UP1 HTTP/1.1",
        "Host: b.oss-cn-example.aliyuncs.com",
        "Content-Type: application/xml",
    ]);
    complete.push(format!("Content-Length: {}", list.len()));
    let begun = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>report.bin</Key><UploadId>UP1</UploadId></InitiateMultipartUploadResult>";
    vec![
        Exchange {
            request: texts(&[
                "POST /report.bin?uploads HTTP/1.1",
                "Host: b.oss-cn-example.aliyuncs.com",
                "x-oss-meta-client-side-encryption-key: bm90IGEgcmVhbCBrZXk=",
                "x-oss-meta-client-side-encryption-start: bm90IGEgcmVhbCBzdGFydA==",
                "x-oss-meta-client-side-encryption-cek-alg: AES/CTR/NoPadding",
                "x-oss-meta-client-side-encryption-wrap-alg: RSA/NONE/PKCS1Padding",
                "x-oss-meta-client-side-encryption-data-size: 250000",
                "x-oss-meta-client-side-encryption-part-size: 102400",
                "Content-Length: 0",
            ]),
            sent: String::new(),
            answer: vec![
                "HTTP/1.1 200 OK".to_owned(),
                format!("content-length: {}", begun.len()),
            ],
            received: begun.to_owned(),
        },
        Exchange {
            request: complete,
            sent: list,
            answer,
            received: result.to_owned(),
        },
    ]
}

pub(super) fn each(upload: &[Exchange], render: impl Fn(&Exchange) -> String) -> String {
    upload.iter().map(render).collect()
}

pub(super) fn raw(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        format!(
            "{}\n\n{}\n{}\n\n{}\n\n",
            exchange.request.join("\n"),
            exchange.sent,
            exchange.answer.join("\n"),
            exchange.received
        )
    })
}

pub(super) fn lines_of(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

pub(super) fn curl_v(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let marked = |mark: &str, lines: &[String]| {
            lines
                .iter()
                .map(|line| format!("{mark} {line}\n"))
                .collect::<String>()
        };
        format!(
            "* Connected to h\n{}> \n}} [{} bytes data]\n{}< \n{}\n* Connection #0 to host h left intact\n",
            marked(">", &exchange.request),
            exchange.sent.len(),
            marked("<", &exchange.answer),
            exchange.received,
        )
        .replacen("} [0 bytes data]\n", "", 1)
    })
}

/// Blocks of curl --trace, whose rows hold so many bytes, each written by `row`.
fn trace(upload: &[Exchange], width: usize, row: fn(&[u8]) -> String) -> String {
    let block = |title: &str, bytes: &[u8]| {
        let mut text = format!("{title}, {} bytes (0x{:x})\n", bytes.len(), bytes.len());
        let mut at = 0;
        for chunk in bytes.chunks(width) {
            writeln!(text, "{at:04x}: {}", row(chunk)).unwrap();
            at += chunk.len();
        }
        text
    };
    each(upload, |exchange| {
        let mut text = String::from("== Info: Connected to h\n");
        text += &block(
            "=> Send header",
            (exchange.request.join("\r\n") + "\r\n\r\n").as_bytes(),
        );
        if !exchange.sent.is_empty() {
            text += &block("=> Send data", exchange.sent.as_bytes());
        }
        for line in exchange.answer.iter().map(String::as_str).chain([""]) {
            text += &block("<= Recv header", format!("{line}\r\n").as_bytes());
        }
        text + &block("<= Recv data", exchange.received.as_bytes())
    })
}

pub(super) fn trace_hex(upload: &[Exchange]) -> String {
    trace(upload, 16, |bytes| {
        let pairs: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        let shown: String = bytes
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        format!("{pairs:48}{shown}")
    })
}

pub(super) fn http_client(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let head = exchange.request.join("\\r\\n");
        let mut text = format!("send: b'{head}\\r\\n\\r\\n'\n");
        if !exchange.sent.is_empty() {
            writeln!(text, "send: b'{}'", exchange.sent).unwrap();
        }
        writeln!(text, "reply: '{}\\r\\n'", exchange.answer[0]).unwrap();
        for header in &exchange.answer[1..] {
            writeln!(text, "header: {header}").unwrap();
        }
        text + &exchange.received + "\n"
    })
}

pub(super) fn apache(upload: &[Exchange], wire: bool) -> String {
    each(upload, |exchange| {
        let mut text = String::new();
        let mut side = |mark: &str, lines: &[String], body: &str| {
            for line in lines.iter().map(String::as_str).chain([""]) {
                let logger = "18:54:30.972 [main] DEBUG org.apache.http";
                match wire {
                    true => writeln!(
                        text,
                        "{logger}.wire - http-outgoing-0 {mark} \"{line}[\\r][\\n]\""
                    )
                    .unwrap(),
                    false if line.is_empty() => {}
                    false => {
                        writeln!(text, "{logger}.headers - http-outgoing-0 {mark} {line}").unwrap()
                    }
                }
            }
            if wire && !body.is_empty() {
                writeln!(text, "18:54:30.973 [main] DEBUG org.apache.http.wire - http-outgoing-0 {mark} \"{body}\"").unwrap();
            }
        };
        side(">>", &exchange.request, &exchange.sent);
        side("<<", &exchange.answer, &exchange.received);
        text
    })
}

pub(super) fn okhttp(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let url = format!("https://b.oss-cn-example.aliyuncs.com{}", words[1]);
        let status = exchange.answer[0].trim_start_matches("HTTP/1.1 ");
        format!(
            "--> {} {url} http/1.1\n{}\n\n{}\n--> END {} ({}-byte body)\n<-- {status} {url} (12ms)\n{}\n\n{}\n<-- END HTTP ({}-byte body)\n",
            words[0],
            exchange.request[1..].join("\n"),
            exchange.sent,
            words[0],
            exchange.sent.len(),
            exchange.answer[1..].join("\n"),
            exchange.received,
            exchange.received.len()
        )
    })
}

pub(super) fn rclone(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let frame = |mark: &str, title: &str, head: &[String], body: &str| {
            let time = "2026/11/26 18:53:25";
            let bar = mark.repeat(40);
            format!(
                "{time} {bar}\n{time} HTTP {title} (req 0xc0001f2000)\n{time} {}\n\n{body}\n{time} {bar}\n",
                head.join("\n")
            )
        };
        frame(">", "REQUEST", &exchange.request, &exchange.sent)
            + &frame("<", "RESPONSE", &exchange.answer, &exchange.received)
    })
}

pub(super) fn wget(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let head = exchange.request.join("\n");
        format!(
            "---request begin---\n{head}\n\n---request end---\n{}\nHTTP request sent, awaiting response... \n---response begin---\n{}\n\n---response end---\n{}\n",
            exchange.sent,
            exchange.answer.join("\n"),
            exchange.received
        )
    })
}

pub(super) fn mitmdump(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let indented = |lines: &[String], body: &str| {
            let headers: String = lines.iter().map(|line| format!("    {line}\n")).collect();
            format!("{headers}\n    {body}\n")
        };
        let status = exchange.answer[0].trim_start_matches("HTTP/1.1 ");
        format!(
            "127.0.0.1:51000: {} https://b.oss-cn-example.aliyuncs.com{} HTTP/2.0\n{} << {status} {}b\n{}\n",
            words[0],
            words[1],
            indented(&exchange.request[1..], &exchange.sent),
            exchange.received.len(),
            indented(&exchange.answer[1..], &exchange.received)
        )
    })
}

pub(super) fn quoted(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let text =
            |head: &[String], body: &str| format!("{:?}", head.join("\r\n") + "\r\n\r\n" + body);
        format!(
            "request: {}\nresponse: {}\n",
            text(&exchange.request, &exchange.sent),
            text(&exchange.answer, &exchange.received)
        )
    })
}

pub(super) fn go(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let (path, query) = words[1].split_once('?').unwrap();
        let status = exchange.answer[0].split(' ').nth(1).unwrap();
        let headers = |lines: &[String]| {
            lines[1..]
                .iter()
                .map(|line| format!("\t{}", line.replacen(": ", ":", 1)))
                .collect::<String>()
        };
        let ec = if exchange.received.contains("<EC>") {
            "\tX-Oss-Ec:0005-00000411"
        } else {
            ""
        };
        let time = "2026/11/26 18:55:22 [debug]";
        format!(
            "{time}[Req:0x1ca586a3a000]signStr:POST\\n\\n/b/report.bin\n{time}[Req:0x1ca586a3a000]Method:{}\tHost:h\tPath:{path}\tQuery:{query}\tHeader info:{}\n\
             {time}[Resp:0x1ca586a3a000]StatusCode:{status}\tHeader info:{}{ec}\n",
            words[0],
            headers(&exchange.request),
            headers(&exchange.answer),
        )
    })
}

pub(super) fn oss2(upload: &[Exchange]) -> String {
    each(upload, |exchange| {
        let words: Vec<&str> = exchange.request[0].split(' ').collect();
        let (path, query) = words[1].split_once('?').unwrap();
        let params: Vec<String> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| format!("'{name}': '{value}'"))
            .collect();
        let status = exchange.answer[0].split(' ').nth(1).unwrap();
        let pairs = |lines: &[String]| {
            let pairs = lines[1..].iter().filter_map(|line| line.split_once(": "));
            pairs
                .map(|(name, value)| format!("'{name}': '{value}'"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let ec = if exchange.received.contains("<EC>") {
            ", 'x-oss-ec': '0005-00000411'"
        } else {
            ""
        };
        let list = if !exchange.sent.starts_with('<') {
            String::new()
        } else {
            format!(
                "DEBUG:oss2.api:Start to complete multipart upload, bucket: b, key: k, upload_id: UP1, parts: b'{}'\n",
                exchange.sent
            )
        };
        format!(
            "{list}DEBUG:oss2.http:Send request, method: {}, url: http://h{path}, params: {{{}}}, headers: {{{}}}, timeout: 60, proxies: None\n\
             DEBUG:oss2.http:Get response headers, req-id:1, status: {status}, headers: {{{}{ec}}}\n",
            words[0],
            params.join(", "),
            pairs(&exchange.request),
            pairs(&exchange.answer),
        )
    })
}

/// In rows of 64, where a line of a head that is longer goes on in the next.
pub(super) fn trace_ascii(upload: &[Exchange]) -> String {
    let block = |title: &str, lines: &[&str], ends: usize| {
        let length: usize = lines.iter().map(|line| line.len() + ends).sum();
        let mut text = format!("{title}, {length} bytes (0x{length:x})\n");
        let mut at = 0;
        for line in lines {
            let rows: Vec<&[u8]> = if line.is_empty() {
                vec![&[]]
            } else {
                line.as_bytes().chunks(64).collect()
            };
            for row in rows {
                writeln!(text, "{at:04x}: {}", String::from_utf8_lossy(row)).unwrap();
                at += row.len();
            }
            at += ends;
        }
        text
    };
    each(upload, |exchange| {
        let head: Vec<&str> = exchange
            .request
            .iter()
            .map(String::as_str)
            .chain([""])
            .collect();
        let mut text = block("=> Send header", &head, 2);
        if !exchange.sent.is_empty() {
            text += &block("=> Send data", &[&exchange.sent], 0);
        }
        for line in exchange.answer.iter().map(String::as_str).chain([""]) {
            text += &block("<= Recv header", &[line], 2);
        }
        text + &block("<= Recv data", &[&exchange.received], 0)
    })
}
