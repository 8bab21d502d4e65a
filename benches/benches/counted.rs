//! The instructions of the built-in client's pieces, counted by Callgrind: the same count each time, on a busy machine too. The processor is emulated:
//! a count is no time, and what the emulated one does not have, such as AES on more than 128 bits, is done in another way. What comes
//! out is verified outside of the count. `benches/counted` runs it.

#![allow(missing_docs, reason = "what the macros make")]

use std::hint::black_box;

use gungraun::prelude::*;
use partproof_client::{Cipher, ContentKey, Encryptor, Layout, PartList, Plan, PlannedPart};
use partproof_model as model;

const PART_SIZE: u64 = 100 << 10;
const KEY: [u8; 32] = *b"an AES-256 key that guards none.";
const START: [u8; 16] = [1; 16];
const MIB: u64 = 1 << 20;

fn sized(parts: u64) -> u64 {
    parts * PART_SIZE - 1
}

fn is_the_models(parts: Vec<PlannedPart>) {
    let last = parts.last().expect("a part");
    let data = model::DataSize::new(last.offset + last.length);
    let part = model::PartSize::new(PART_SIZE).expect("not zero");
    let plan = model::Plan { data, part };
    let expected = (1..=plan.count()).map(|number| {
        let slice = plan.slice(model::PartNumber::new(number)?)?;
        Some((number, slice.offset.bytes(), slice.length))
    });
    let given = |part: &PlannedPart| Some((part.number.into(), part.offset, part.length));
    assert!(expected.eq(parts.iter().map(given)), "not the model's");
}

#[library_benchmark]
#[benches::parts(args = [1, 100, 10_000], setup = sized, teardown = is_the_models)]
fn plan(data_size: u64) -> Vec<PlannedPart> {
    let plan = Plan::explicit(black_box(data_size), PART_SIZE).expect("a legal plan");
    black_box(plan.parts().collect())
}

fn etags(count: u32) -> Vec<String> {
    let md5 = |number: u32| u128::from(number).wrapping_mul(0xD131_DD02_C5E6_EEC4);
    (1..=count)
        .map(|number| format!("\"{:032X}\"", md5(number)))
        .collect()
}

fn lists_them_all(body: Vec<u8>) {
    let listed = model::part_list::read(&body).expect("a part list");
    let expected = etags(u32::try_from(listed.len()).expect("at most 10,000"));
    let same = listed
        .iter()
        .zip(&expected)
        .all(|(one, etag)| model::etag::unquoted(&one.etag) == model::etag::unquoted(etag));
    assert!(same && !listed.is_empty(), "not the parts that were given");
}

#[library_benchmark]
#[benches::parts(args = [1, 100, 10_000], setup = etags, teardown = lists_them_all)]
fn part_list(etags: Vec<String>) -> Vec<u8> {
    let count = u32::try_from(etags.len()).expect("at most 10,000");
    let mut list = PartList::new(count).expect("at most 10,000");
    for (number, etag) in (1..).zip(&etags) {
        list.add(number, black_box(etag)).expect("each part once");
    }
    black_box(list.to_xml().expect("all parts"))
}

fn part(size: u64) -> (Encryptor, Vec<u8>) {
    let layout = Layout::new(Cipher::Ctr, size, size).expect("one part");
    let key = ContentKey::new(KEY, START);
    let encryptor = Encryptor::new(&key, layout).expect("any start");
    (encryptor, vec![0; usize::try_from(size).expect("64 bits")])
}

fn is_encrypted(body: Vec<u8>) {
    let (key, start) = (model::ContentKey(KEY), model::Start(START));
    let plaintext = vec![0; body.len()];
    let expected = model::cipher::ctr::apply(key, start, model::ByteOffset::new(0), &plaintext);
    assert!(body == expected, "not the model's");
}

#[library_benchmark]
#[benches::bytes(args = [PART_SIZE, MIB], setup = part, teardown = is_encrypted)]
fn encrypt_part((encryptor, mut body): (Encryptor, Vec<u8>)) -> Vec<u8> {
    encryptor
        .encrypt_in_place(1, black_box(&mut body))
        .expect("a part");
    black_box(body)
}

library_benchmark_group!(name = pieces, benchmarks = [plan, part_list, encrypt_part]);
main!(library_benchmark_groups = pieces);
