//! Sessions: what clients send on one connection, request after request, so that each meets what those before it left. The signed ones are signed
//! with the emulator's key pair for the time of every exchange.

/// A request without headers of its own and without a body.
macro_rules! bare {
    ($line:literal) => {
        concat!($line, " HTTP/1.1\r\nhost: localhost\r\n\r\n")
    };
}

/// A request with headers, each a line, and a body of so many bytes.
macro_rules! with {
    ($line:literal, $headers:literal, $length:literal, $body:expr) => {
        concat!(
            $line,
            " HTTP/1.1\r\nhost: localhost\r\n",
            $headers,
            "content-length: ",
            $length,
            "\r\n\r\n",
            $body
        )
    };
}

/// The sessions, the most ordinary first.
pub(crate) const SESSIONS: &[&str] = &[
    concat!(
        with!("PUT /examplebucket/k", "x-oss-meta-a: b\r\n", 3, "abc"),
        with!("GET /examplebucket/k", "range: bytes=1-\r\n", 0, ""),
        bare!("HEAD /examplebucket/k"),
        with!(
            "PUT /examplebucket/l",
            "x-oss-copy-source: /examplebucket/k\r\n",
            0,
            ""
        ),
        bare!("GET /examplebucket?prefix=&max-keys=1&encoding-type=url"),
        bare!("DELETE /examplebucket/k"),
    ),
    concat!(
        with!(
            "POST /examplebucket/k?uploads",
            "x-oss-meta-client-side-encryption-key: a2V5\r\nx-oss-meta-client-side-encryption-start: c3RhcnQ=\r\n\
             x-oss-meta-client-side-encryption-cek-alg: AES/CTR/NoPadding\r\n\
             x-oss-meta-client-side-encryption-wrap-alg: RSA/NONE/PKCS1Padding\r\n\
             x-oss-meta-client-side-encryption-data-size: 20\r\nx-oss-meta-client-side-encryption-part-size: 20\r\n",
            0,
            ""
        ),
        with!(
            "PUT /examplebucket/k?partNumber=1&uploadId=00000000000000000000000000000001",
            "",
            20,
            "01234567890123456789"
        ),
        bare!("GET /examplebucket/k?uploadId=00000000000000000000000000000001&max-parts=1"),
        with!(
            "POST /examplebucket/k?uploadId=00000000000000000000000000000001",
            "",
            137,
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"BE497C2168E374F414A351C49379C01A\"</ETag></Part></CompleteMultipartUpload>"
        ),
        bare!("GET /examplebucket/k"),
    ),
    concat!(
        with!("POST /examplebucket/a?uploads", "", 0, ""),
        with!(
            "POST /examplebucket/b%20b?uploads&encoding-type=url",
            "",
            0,
            ""
        ),
        bare!("GET /examplebucket?uploads&max-uploads=1&key-marker=a&encoding-type=url"),
        bare!("DELETE /examplebucket/a?uploadId=00000000000000000000000000000001"),
    ),
    concat!(
        with!("PUT /examplebucket/k", "", 3, "abc"),
        with!("POST /examplebucket/m?uploads", "", 0, ""),
        with!(
            "PUT /examplebucket/m?partNumber=1&uploadId=00000000000000000000000000000001",
            "x-oss-copy-source: /examplebucket/k\r\nx-oss-copy-source-range: bytes=1-2\r\n",
            0,
            ""
        ),
        with!(
            "POST /examplebucket/m?uploadId=00000000000000000000000000000001",
            "x-oss-complete-all: yes\r\n",
            0,
            ""
        ),
        bare!("GET /examplebucket/m"),
    ),
    concat!(
        bare!("PUT /other"),
        bare!("GET /"),
        bare!("GET /other?bucketInfo"),
        bare!("GET /other?location"),
        bare!("DELETE /other"),
    ),
    concat!(
        "PUT /k HTTP/1.1\r\nhost: examplebucket.localhost\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n",
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        bare!("HEAD /examplebucket/k"),
    ),
    concat!(
        with!("POST /examplebucket/k?append&position=0", "", 3, "abc"),
        bare!("OPTIONS /examplebucket/k"),
        bare!("GET /examplebucket/%ff"),
        bare!("PUT /examplebucket/k"),
        bare!("GET /examplebucket?max-keys=x"),
        bare!("GET /other/k"),
        with!("PUT /examplebucket/k?partNumber=1&uploadId=1", "", 3, "abc"),
    ),
    concat!(
        with!(
            "PUT /examplebucket/k",
            "date: Sun, 22 Nov 2026 07:56:08 GMT\r\nauthorization: OSS AKIDEXAMPLE:FwMRy3UrFhmqXu0wi6caznQCWRc=\r\n",
            3,
            "abc"
        ),
        bare!(
            "GET /examplebucket/k?OSSAccessKeyId=AKIDEXAMPLE&Expires=1795334168&Signature=NZ6ECb1rae2XHg%2Fh1UVi1WA8T1U%3D"
        ),
    ),
    concat!(
        with!(
            "PUT /examplebucket/k",
            "x-oss-date: 20261122T075608Z\r\nx-oss-content-sha256: UNSIGNED-PAYLOAD\r\n\
             authorization: OSS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/cn-hangzhou/oss/aliyun_v4_request,AdditionalHeaders=host,Signature=7c700824ea284364361b6a58b34d227b4f43a3265c5bb14a2f614e7037b36eca\r\n",
            3,
            "abc"
        ),
        bare!(
            "GET /examplebucket/k?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=AKIDEXAMPLE%2F20261122%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20261122T075608Z&x-oss-expires=60&x-oss-signature=550283831af0be2c396045c3e499119bc5050f19619cf86ae1877c4526f55adb"
        ),
    ),
    concat!(
        "PUT /examplebucket/k HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 3\r\n\r\nabc",
        "PUT /examplebucket/k HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
        "PUT /Bucket HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
        "DELETE /examplebucket/k HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\n\r\n",
        "GET /examplebucket/k HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n\r\n",
        bare!("PUT /Bucket"),
    ),
];

#[cfg(test)]
mod tests {
    use partproof_emulator::{Config, Exchanger};

    use super::*;

    /// The statuses of a session, with signatures verified or not.
    fn statuses(session: &str, verifies_signatures: bool) -> Vec<u16> {
        let config = Config {
            verifies_signatures,
            ..Config::default()
        };
        let exchange = Exchanger::new()
            .unwrap()
            .exchange(config, session.as_bytes())
            .unwrap();
        let statuses = exchange.requests.iter().map(|asked| asked.status.unwrap());
        statuses.collect()
    }

    #[test]
    fn what_should_succeed_succeeds() {
        let expected: &[&[u16]] = &[
            &[200, 206, 200, 200, 200, 204],
            &[200, 200, 200, 200, 200],
            &[200, 200, 200, 204],
            &[200, 200, 200, 200, 200],
            &[200, 200, 200, 200, 204],
            &[200, 200],
            &[400, 501, 400, 411, 400, 404, 404],
            &[200, 200],
            &[200, 200],
            &[403, 400, 400, 403, 404, 400],
        ];
        for (session, expected) in SESSIONS.iter().zip(expected) {
            assert_eq!(statuses(session, false), *expected, "{session}");
            let is_signed = session.contains("AKIDEXAMPLE");
            let verified = statuses(session, true);
            assert_eq!(verified == *expected, is_signed, "{verified:?} {session}");
        }
        assert_eq!(SESSIONS.len(), expected.len());
    }
}
