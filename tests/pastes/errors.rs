//! Errors by themselves: of each SDK, of each number, and with the example that the page of each number prints.

use partproof_diagnose::trouble::Trouble;
use partproof_model::Rule;

use crate::forms::{forms, read};
use crate::{ERROR, INITIATE, expect, pasted, renderers};

/// The error of each SDK, as its users find it in a log.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "Python v1",
        "oss2.exceptions.ServerError: {'status': 400, 'x-oss-request-id': '5C3D', 'details': {'Code': 'InvalidEncryptionRequest', 'Message': 'The client encryption part list is unexpected with init_multipart setted.', 'RequestId': '5C3D', 'HostId': 'b.oss-cn-hangzhou.aliyuncs.com', 'EC': '0005-00000411'}}",
    ),
    (
        "Python v2",
        "alibabacloud_oss_v2.exceptions.OperationError: operation error CompleteMultipartUpload: Error returned by Service.\nHttp Status Code: 400.\nError Code: InvalidEncryptionRequest.\nRequest Id: 5C3D.\nMessage: The client encryption part list is unexpected with init_multipart setted..\nEC: 0005-00000411.\nTimestamp: 2026-11-26 18:51:15+00:00.\nRequest Endpoint: POST https://b.oss-cn-hangzhou.aliyuncs.com/o?uploadId=U.",
    ),
    (
        "Java",
        "com.aliyun.oss.OSSException: The client encryption part list is unexpected with init_multipart setted.\n[ErrorCode]: InvalidEncryptionRequest\n[RequestId]: 5C3D\n[HostId]: b.oss-cn-hangzhou.aliyuncs.com\n[ResponseError]:\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>InvalidEncryptionRequest</Code>\n  <Message>The client encryption part list is unexpected with init_multipart setted.</Message>\n  <EC>0005-00000411</EC>\n</Error>",
    ),
    (
        "Go v1",
        "oss: service returned error: StatusCode=400, ErrorCode=InvalidEncryptionRequest, ErrorMessage=\"The client encryption part list is unexpected with init_multipart setted.\", RequestId=5C3D, Ec=0005-00000411, Bucket=b, Object=o",
    ),
    (
        "Go v2",
        "failed to complete operation error CompleteMultipartUpload: Error returned by Service.\n\tHttp Status Code: 400.\n\tError Code: InvalidEncryptionRequest.\n\tRequest Id: 5C3D.\n\tMessage: The client encryption part list is unexpected with init_multipart setted..\n\tEC: 0005-00000411.\n\tTimestamp: 2026-11-26 18:51:15 +0000 UTC.\n\tRequest Endpoint: POST https://b.oss-cn-hangzhou.aliyuncs.com/o?uploadId=U.",
    ),
    (
        "PHP",
        "PHP Fatal error:  Uncaught OSS\\Core\\OssException: InvalidEncryptionRequest: The client encryption part list is unexpected with init_multipart setted. RequestId: 5C3D EC: 0005-00000411 in /app/vendor/aliyuncs/oss-sdk-php/src/OSS/Result/Result.php:51",
    ),
    (
        "Node",
        "InvalidEncryptionRequestError: The client encryption part list is unexpected with init_multipart setted.\n    at Client.requestError (/app/node_modules/ali-oss/lib/client.js:310:13) {\n  status: 400,\n  code: 'InvalidEncryptionRequest',\n  requestId: '5C3D',\n  hostId: 'b.oss-cn-hangzhou.aliyuncs.com',\n  ecCode: '0005-00000411'\n}",
    ),
    (
        "Android",
        "com.alibaba.sdk.android.oss.ServiceException: [StatusCode]: 400, [Code]: InvalidEncryptionRequest, [Message]: The client encryption part list is unexpected with init_multipart setted., [Requestid]: 5C3D, [HostId]: b.oss-cn-hangzhou.aliyuncs.com, [RawMessage]: <Error><Code>InvalidEncryptionRequest</Code><EC>0005-00000411</EC></Error>",
    ),
    (
        "iOS",
        "Error Domain=com.aliyun.oss.serverError Code=-400 \"(null)\" UserInfo={__name=Error, Code=InvalidEncryptionRequest, EC=0005-00000411, HostId=b.oss-cn-hangzhou.aliyuncs.com, Message=The client encryption part list is unexpected with init_multipart setted., RequestId=5C3D}",
    ),
    (
        "C++",
        "[2026-11-26 18:51:15.123][ERROR] CompleteMultipartUpload fail,code:InvalidEncryptionRequest,message:The client encryption part list is unexpected with init_multipart setted.,requestId:5C3D,ec:0005-00000411",
    ),
];

#[test]
fn the_error_of_any_sdk_is_enough() {
    for (sdk, error) in EXCEPTIONS {
        for text in [
            (*error).to_owned(),
            format!(
                "2026-11-26T18:51:15Z ERROR upload failed: {error}\n2026-11-26T18:51:16Z INFO done\n"
            ),
        ] {
            let (code, said) = pasted(&text);
            assert!(
                code == 1
                    && said.contains("0005-00000411")
                    && said.contains("ceil(data size / part size)")
                    && said.contains("InvalidEncryptionRequest"),
                "{sdk}: {code}\n{text}\n{said}"
            );
        }
    }
}

/// The error document of a number, with the message that goes with it.
fn error_of(ec: &str) -> String {
    let answer = Rule::find(ec).and_then(|rule| rule.answer).unwrap();
    let of_411 = Rule::find("0005-00000411")
        .and_then(|rule| rule.answer)
        .unwrap();
    ERROR
        .replace("0005-00000411", ec)
        .replace(of_411.message, answer.message)
}

/// Every error number that `explain` knows is enough for `diagnose`: what it means, and what mends it.
#[test]
fn an_error_number_alone_is_enough() {
    let numbers = Rule::all().filter_map(|rule| Some((rule.ec?, rule)));
    for (ec, rule) in numbers {
        for text in [
            format!("{ec}\n"),
            format!("What does EC {ec} mean? https://api.aliyun.com/troubleshoot?q={ec}\n"),
            ERROR.replace("0005-00000411", ec),
        ] {
            let mend = Trouble::of(rule).unwrap().fix;
            expect(
                &text,
                1,
                &[ec, rule.sentence, mend],
                &["Nothing more is known"],
            );
        }
    }
}

/// What the pages of the service print as the example of each error, in words of our own: the requests, and the answer that the page is of.
#[test]
fn the_example_of_each_page() {
    let initiate = |change: &dyn Fn(&str) -> Option<String>| -> String {
        let head = INITIATE.split("HTTP/1.1 200").next().unwrap();
        head.lines()
            .filter_map(change)
            .map(|line| line + "\n")
            .collect()
    };
    let without =
        |name: &'static str| initiate(&move |line| (!line.contains(name)).then(|| line.to_owned()));
    let sizes = |data: &'static str, part: &'static str| {
        initiate(&move |line| {
            Some(match line.split_once("-size: ") {
                Some((name, "250000")) => format!("{name}-size: {data}"),
                Some((name, _)) => format!("{name}-size: {part}"),
                None => line.to_owned(),
            })
        })
    };
    let answered = "HTTP/1.1 200 OK\nContent-Length: 0\n\n";
    let part = |number: u32, headers: &str, length: u32| {
        format!(
            "PUT /o?partNumber={number}&uploadId=U HTTP/1.1\nHost: b.oss-cn-hangzhou.aliyuncs.com\n{headers}Content-Length: {length}\n\n[{length} bytes data]\n\n"
        )
    };
    let changed = |name: &str| {
        let value = |value: &str| format!("x-oss-meta-client-side-encryption-{name}: {value}\n");
        let (before, after) = match name {
            "data-size" => ("250000", "500000"),
            "part-size" => ("102400", "204800"),
            _ => ("dmFsdWUx", "dmFsdWUy"),
        };
        let before = value(before);
        let first = without(format!("client-side-encryption-{name}:").leak())
            .replace("Content-Length", &format!("{before}Content-Length"));
        first + answered + &part(1, &value(after), 102_400)
    };
    let error = |ec: &str| {
        let body = error_of(ec);
        format!(
            "HTTP/1.1 400 Bad Request\nContent-Length: {}\n\n{body}",
            body.len()
        )
    };
    let list: String = [1, 5, 8]
        .iter()
        .map(|number| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{number:032X}\"</ETag></Part>")
        })
        .collect();
    let list = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    let copy = |head: &str| {
        format!(
            "PUT /o{head}\nHost: b.oss-cn-hangzhou.aliyuncs.com\nx-oss-copy-source: /b/encrypted\nContent-Length: 0\n\n"
        )
    };
    let pages = [
        ("0005-00000401", without("encryption-key")),
        ("0005-00000402", without("encryption-start")),
        ("0005-00000403", without("cek-alg")),
        ("0005-00000404", without("wrap-alg")),
        (
            "0005-00000405",
            initiate(&|line| Some(line.replace("RSA/NONE/PKCS1Padding", "rsa"))),
        ),
        ("0005-00000406", without("data-size")),
        ("0005-00000407", without("part-size")),
        ("0005-00000408", sizes("9x5.2", "102400")),
        ("0005-00000409", sizes("250000", "9x5.2")),
        ("0005-00000410", sizes("200000", "10")),
        (
            "0005-00000411",
            sizes("1000000", "500000")
                + answered
                + &format!(
                    "POST /o?uploadId=U HTTP/1.1\nHost: b.oss-cn-hangzhou.aliyuncs.com\nContent-Length: {}\n\n{list}\n",
                    list.len()
                ),
        ),
        ("0005-00000413", changed("start")),
        (
            "0005-00000416",
            changed("magic-number-hmac").replace("RSA/NONE/PKCS1Padding", "rsa"),
        ),
        ("0005-00000417", changed("data-size")),
        ("0005-00000418", changed("part-size")),
        (
            "0005-00000419",
            sizes("204800", "102400") + answered + &part(1, "", 6_291_456),
        ),
        (
            "0005-00000420",
            sizes("204800", "102400")
                + answered
                + &part(1, "", 102_400)
                + answered
                + &part(2, "", 100),
        ),
        (
            "0005-00000421",
            copy(
                " HTTP/1.1\nx-oss-metadata-directive: REPLACE\nx-oss-meta-client-side-encryption-key: a2V5",
            ),
        ),
        ("0042-00000309", copy("?partNumber=1&uploadId=U HTTP/1.1")),
    ];
    let mut said = String::new();
    for (ec, requests) in pages {
        let (code, told) = pasted(&(requests + &error(ec)));
        assert!(code == 1 && told.contains(ec), "{ec}: {code}\n{told}");
        said.push_str(&format!("===== {ec}\n{told}\n"));
    }
    insta::assert_snapshot!("pages_of_errors", said);
}

/// What an SDK says stands behind or before what it sent, in any form, and is never lost.
#[test]
fn an_error_beside_an_upload_is_not_lost() {
    let mut upload = renderers::upload(3);
    let complete = upload.last_mut().unwrap();
    complete.answer = vec!["HTTP/1.1 400 Bad Request".to_owned()];
    complete.received = String::new();
    let (_, java) = EXCEPTIONS[2];
    let mut lost = Vec::new();
    for (name, bytes) in forms(&upload) {
        // What is packed has nothing beside it.
        let Some(text) = String::from_utf8(bytes)
            .ok()
            .filter(|text| !text.contains('\0'))
        else {
            continue;
        };
        for text in [format!("{text}\n\n{java}\n"), format!("{java}\n\n{text}")] {
            let (capture, diagnosis) = read(name, text.as_bytes());
            let is_told = diagnosis
                .all_problems()
                .any(|problem| problem.ec == Some("0005-00000411"));
            if !is_told {
                let (steps, headline) = (capture.steps, diagnosis.headline);
                lost.push(format!("{name}, read as {steps:?}: {headline}"));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
