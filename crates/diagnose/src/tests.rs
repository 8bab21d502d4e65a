use std::time::{Duration, Instant};

use super::*;
use crate::capture;

/// The example of the service's page of EC 0005-00000411, its messages written anew in the same form.
const INITIATE: &str = "POST /multipart.data?uploads HTTP/1.1\n\
Host: oss-example.oss-cn-hangzhou.aliyuncs.com\n\
Authorization: OSS qn6q**************:77Dv****************\n\
x-oss-meta-client-side-encryption-data-size: 1000000\n\
x-oss-meta-client-side-encryption-part-size: 500000\n\n";

fn complete(numbers: &[u64]) -> String {
    let parts: String = numbers
        .iter()
        .map(|number| format!("    <Part>\n        <PartNumber>{number}</PartNumber>\n        <ETag>\"3349DC700140D7F86A0784842780****\"</ETag>\n    </Part>\n"))
        .collect();
    format!(
        "POST /multipart.data?uploadId=0004B9B2D2F7815C432C9057C031****&encoding-type=url HTTP/1.1\n\
         Host: oss-example.oss-cn-hangzhou.aliyuncs.com\nContent-Length: 1056\n\n\
         <CompleteMultipartUpload>\n{parts}</CompleteMultipartUpload>\n"
    )
}

fn diagnosed(files: &[&str]) -> Diagnosis {
    let read = |(number, text): (usize, &&str)| {
        capture::read(&format!("{number}.http"), text.as_bytes()).unwrap()
    };
    let messages: Vec<_> = files.iter().enumerate().flat_map(read).collect();
    diagnose(&messages, &Evidence::default())
}

#[test]
fn the_documented_example_is_explained_with_both_remedies() {
    let diagnosis = diagnosed(&[INITIATE, &complete(&[1, 5, 8])]);
    let upload = &diagnosis.uploads[0];
    assert_eq!(
        (upload.expected_parts, upload.listed_parts),
        (Some(2), Some(3))
    );
    let problem = &upload.problems[0];
    assert_eq!(problem.ec, Some("0005-00000411"));
    assert_eq!(
        problem.detail,
        "3 parts, expected 2 = ceil(1000000 / 500000)"
    );
    assert!(
        problem.fixes[0].starts_with("Drop parts 5 and 8 from the list"),
        "{:?}",
        problem.fixes
    );
    assert!(
        problem.fixes[1].contains("1,000,001 to 1,500,000"),
        "{:?}",
        problem.fixes
    );
    assert_eq!(upload.problems.len(), 1, "{:?}", upload.problems);
}

#[test]
fn one_file_or_two_and_crlf_or_lf_make_no_difference() {
    let two = diagnosed(&[INITIATE, &complete(&[1, 2, 3])]);
    let one = diagnosed(&[&format!("{INITIATE}{}", complete(&[1, 2, 3]))]);
    let crlf = diagnosed(&[&format!("{INITIATE}{}", complete(&[1, 2, 3])).replace('\n', "\r\n")]);
    let said = |diagnosis: &Diagnosis| diagnosis.uploads[0].problems[0].detail.clone();
    assert_eq!(said(&two), said(&one));
    assert_eq!(said(&two), said(&crlf));
}

#[test]
fn a_right_list_has_no_problem() {
    let diagnosis = diagnosed(&[INITIATE, &complete(&[1, 2])]);
    assert_eq!(diagnosis.uploads[0].problems, []);
}

#[test]
fn a_short_list_names_what_is_missing() {
    let diagnosis = diagnosed(&[INITIATE, &complete(&[2])]);
    let problem = &diagnosis.uploads[0].problems[0];
    assert_eq!(problem.rule, "count-short");
    assert!(problem.open_question.as_ref().unwrap().starts_with("A2"));
    assert_eq!(
        problem.fixes[0],
        "Upload and list part 1 as well: 2 are expected."
    );
}

#[test]
fn an_initiate_alone_is_judged_by_presence() {
    let diagnosis = diagnosed(&[INITIATE]);
    let ecs: Vec<_> = diagnosis.uploads[0]
        .problems
        .iter()
        .filter_map(|problem| problem.ec)
        .collect();
    assert_eq!(
        ecs,
        [
            "0005-00000401",
            "0005-00000402",
            "0005-00000403",
            "0005-00000404"
        ]
    );
}

#[test]
fn a_part_of_another_length_is_named_with_what_would_fit() {
    let part = "PUT /multipart.data?partNumber=1&uploadId=X HTTP/1.1\nHost: h\nContent-Length: 6291456\n\n";
    let diagnosis = diagnosed(&[INITIATE, part]);
    let problem = &diagnosis.uploads[0].problems[0];
    assert_eq!(problem.ec, Some("0005-00000419"));
    assert!(
        problem.fixes[0].contains("part 1 with exactly 500,000 bytes and part 2 with 500,000"),
        "{:?}",
        problem.fixes
    );
}

#[test]
fn an_answer_of_the_service_alone_is_explained() {
    let answer = "HTTP/1.1 400 Bad Request\nx-oss-ec: 0005-00000411\nContent-Type: application/xml\n\n\
        <Error><Code>InvalidEncryptionRequest</Code><Message>m</Message><EC>0005-00000411</EC></Error>";
    let diagnosis = diagnosed(&[answer]);
    assert_eq!(diagnosis.problems[0].rule, "count-exceeded");
}

#[test]
fn what_has_nothing_to_judge_is_empty() {
    assert!(diagnosed(&["GET /x HTTP/1.1\nHost: h\n\n"]).is_empty());
}

#[test]
fn a_part_sent_again_with_other_bytes_shares_keystream() {
    let part = |body: &str| {
        format!(
            "PUT /multipart.data?partNumber=2&uploadId=X HTTP/1.1\nHost: h\nContent-Length: 4\n\n{body}"
        )
    };
    let rules = |first: &str, second: &str| -> Vec<&str> {
        let diagnosis = diagnosed(&[INITIATE, &part(first), &part(second)]);
        diagnosis.uploads[0]
            .problems
            .iter()
            .map(|problem| problem.rule)
            .collect()
    };
    assert!(rules("abcd", "abce").contains(&"keystream-once"));
    assert!(!rules("abcd", "abcd").contains(&"keystream-once"));
}

#[test]
fn a_number_past_the_expected_ones_is_named_though_the_count_is_right() {
    let diagnosis = diagnosed(&[INITIATE, &complete(&[1, 3])]);
    let problem = &diagnosis.uploads[0].problems[0];
    assert_eq!(problem.rule, "part-beyond-count");
    assert_eq!(problem.detail, "part 3 is listed, expected numbers 1 to 2");
}

#[test]
fn no_sizes_are_proposed_for_more_parts_than_an_upload_has() {
    let many: Vec<u64> = (1..=10_001).collect();
    let diagnosis = diagnosed(&[INITIATE, &complete(&many)]);
    let fixes: Vec<&String> = diagnosis.uploads[0]
        .problems
        .iter()
        .flat_map(|problem| &problem.fixes)
        .collect();
    assert!(
        fixes
            .iter()
            .any(|fix| fix.starts_with("No sizes make 10,001 parts")),
        "{fixes:?}"
    );
}

#[test]
fn an_upload_without_its_sizes_is_undecided_and_not_right() {
    let diagnosis = diagnosed(&[&complete(&[1, 2, 3])]);
    assert!(diagnosis.all_problems().next().is_none() && diagnosis.is_undecided());
    assert!(!diagnosed(&[INITIATE, &complete(&[1, 2])]).is_undecided());
}

/// An Initiate that declares `parts` parts, and the headers that a part may repeat.
fn declared(key: &str, parts: usize) -> (String, String) {
    let headers = format!(
        "x-oss-meta-client-side-encryption-key: {key}\n\
         x-oss-meta-client-side-encryption-start: s\n\
         x-oss-meta-client-side-encryption-cek-alg: c\n\
         x-oss-meta-client-side-encryption-wrap-alg: w\n\
         x-oss-meta-client-side-encryption-data-size: {}\n\
         x-oss-meta-client-side-encryption-part-size: 32\n",
        32 * parts
    );
    (
        format!("POST /k?uploads HTTP/1.1\nHost: h\n{headers}\n"),
        headers,
    )
}

fn put(number: usize, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "PUT /k?partNumber={number}&uploadId=U HTTP/1.1\nHost: h\n{headers}Content-Length: {length}\n\n{body}\n"
    )
}

fn listing(id: &str, parts: impl Iterator<Item = usize>) -> String {
    let parts: String = parts
        .map(|n| format!("<Part><PartNumber>{n}</PartNumber><ETag>{n}</ETag></Part>"))
        .collect();
    format!(
        "POST /k?uploadId={id} HTTP/1.1\nHost: h\n\n<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>\n"
    )
}

/// Captures of `n` messages or twice as many, each of a shape in which every message could be held against every other.
fn crowded(n: usize) -> Vec<(&'static str, String)> {
    let every = |shape: &dyn Fn(usize) -> String| (1..=n).map(shape).collect::<String>();
    let (initiate, _) = declared("k", n);
    let parts = every(&|number| put(number, "", "abcd"));
    let exact = every(&|number| put(number, "", &"a".repeat(32)));
    let (long, _) = declared(&"A".repeat(200 * n), n);
    let repeated = every(&|number| put(number, &declared(&number.to_string(), n).1, "abcd"));
    let answers = every(&|number| {
        let answer = "HTTP/1.1 400 Bad Request\nx-oss-ec: 0005-00000411\nContent-Length: 0\n\n";
        put(number, "", "abcd") + answer
    });
    let reads = every(&|number| {
        let from = (number - 1) * 32;
        let range = format!("Range: bytes={from}-{}\n", from + 31);
        let body = "a".repeat(32);
        format!(
            "GET /k HTTP/1.1\nHost: h\n{range}\nHTTP/1.1 206 Partial Content\nContent-Length: 32\n\n{body}\n"
        )
    });
    vec![
        (
            "uploads of one object, all begun before the first part",
            every(&|number| {
                let answer = format!("<UploadId>{number}</UploadId>");
                let length = answer.len();
                format!(
                    "POST /k?uploads HTTP/1.1\nHost: h\n\nHTTP/1.1 200 OK\nContent-Length: {length}\n\n{answer}\n"
                )
            }) + &every(&|number| {
                format!(
                    "PUT /k?partNumber=1&uploadId={number} HTTP/1.1\nHost: h\nContent-Length: 1\n\na\n"
                )
            }),
        ),
        (
            "uploads of as many objects",
            every(&|number| format!("POST /{number}?uploads HTTP/1.1\nHost: h\n\n"))
                + &every(&|number| format!("POST /{number}?uploadId=U HTTP/1.1\nHost: h\n\n")),
        ),
        (
            "lists of unknown uploads",
            every(&|number| listing(&number.to_string(), [1].into_iter())),
        ),
        (
            "one upload with as many wrong parts",
            format!("{initiate}{parts}{}", listing("U", 1..=n)),
        ),
        (
            "as many lists of it",
            format!(
                "{initiate}{parts}{}",
                every(&|number| listing("U", [number].into_iter()))
            ),
        ),
        ("as many refusals", format!("{initiate}{answers}")),
        (
            "as many reads",
            format!("{initiate}{exact}{}{reads}", listing("U", 1..=n)),
        ),
        (
            "as many changed headers, one of them long",
            format!("{long}{repeated}"),
        ),
        (
            "what belongs to no upload",
            every(&|number| format!("GET /{number} HTTP/1.1\nHost: h\n\n")),
        ),
    ]
}

#[test]
fn a_capture_takes_time_and_memory_in_proportion() {
    const N: usize = 2_000;
    const TIMES: usize = 12;
    /// A machine that is busy is busy some of the time.
    const TRIES: usize = 5;
    fn measured(text: &str) -> (Duration, usize) {
        let started = Instant::now();
        let messages = capture::read("f", text.as_bytes()).unwrap();
        let diagnosis = diagnose(&messages, &Evidence::default());
        let took = started.elapsed();
        (took, serde_json::to_vec(&diagnosis).unwrap().len())
    }
    for ((shape, small), (_, large)) in crowded(N).into_iter().zip(crowded(N * TIMES)) {
        let mut tries = Vec::new();
        while tries.len() < TRIES {
            let ((before, said_before), (after, said_after)) = (measured(&small), measured(&large));
            assert!(
                said_after < said_before * 15 + 1_000,
                "{shape}: {said_before} and {said_after} bytes said"
            );
            // Twice what is in proportion; what is quadratic takes six times as much.
            if after < before * 24 {
                break;
            }
            tries.push((before, after));
        }
        assert!(
            tries.len() < TRIES,
            "{shape}, and {TIMES} times as much: {tries:?}"
        );
    }
}
