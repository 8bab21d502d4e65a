//! Counts, plans and layouts, for every small size and for the sizes around every boundary, against definitions that
//! share nothing with the model's: what is small is built byte by byte, what is large is bisected in `u128`. Nothing
//! here divides.

use partproof_model::envelope::{DATA_SIZE, PART_SIZE};
use partproof_model::layout::TagPlace;
use partproof_model::limits::{
    MAX_GCM_MESSAGE, MAX_MULTIPART_OBJECT, MAX_PART_SIZE, MIN_PART_SIZE,
};
use partproof_model::{
    Cipher, DataSize, Envelope, Headers, Layout, PartNumber, PartSize, Plan, expected_part_count,
    rules,
};

/// How many times `part` can be taken from `data` until nothing is left.
fn naive_count(data: u64, part: u64) -> u64 {
    let (mut rest, mut count) = (data, 0);
    while rest > 0 {
        rest = rest.saturating_sub(part);
        count += 1;
    }
    count
}

/// The least number of parts that hold `data`, by bisection.
fn bisected_count(data: u64, part: u64) -> u128 {
    let (data, part) = (u128::from(data), u128::from(part));
    let (mut low, mut high) = (0, data);
    while low < high {
        let middle = low + ((high - low) >> 1);
        if middle * part >= data {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn plan(data: u64, part: u64) -> Plan {
    Plan {
        data: DataSize::new(data),
        part: PartSize::new(part).expect("not zero"),
    }
}

fn slice(plan: Plan, number: u64) -> Option<(u64, u64)> {
    let slice = plan.slice(PartNumber::new(number).expect("from 1 to 10,000"))?;
    Some((slice.offset.bytes(), slice.length))
}

#[test]
fn every_small_plan_tiles_its_object() {
    for data in 0..=600 {
        for part in 1..=100 {
            let plan = plan(data, part);
            let count = naive_count(data, part);
            assert_eq!(plan.count(), count, "{data} / {part}");
            assert_eq!(expected_part_count(plan.data, plan.part), count);
            let mut end = 0;
            for number in 1..=count {
                let (offset, length) = slice(plan, number).expect("a part of the plan");
                assert_eq!(
                    offset, end,
                    "part {number} of {data} / {part} is not contiguous"
                );
                assert!(length > 0, "part {number} of {data} / {part} is empty");
                if number < count {
                    assert_eq!(length, part, "part {number} of {data} / {part}");
                }
                end += length;
            }
            assert_eq!(end, data, "{data} / {part} is not covered");
            assert_eq!(
                slice(plan, count + 1),
                None,
                "{data} / {part} has one part more"
            );
        }
    }
}

/// One byte of an object as stored.
#[derive(Clone, Copy, PartialEq)]
enum Byte {
    Plaintext(u64),
    Tag(u64),
}

/// Every byte of an object as stored, in order.
fn stored(cipher: Cipher, plaintext: u64, part: u64) -> Vec<Byte> {
    let mut bytes = Vec::new();
    let tag = (0..16).map(Byte::Tag);
    match cipher {
        Cipher::Ctr => bytes.extend((0..plaintext).map(Byte::Plaintext)),
        Cipher::GcmObject => {
            bytes.extend((0..plaintext).map(Byte::Plaintext));
            bytes.extend(tag);
        }
        Cipher::GcmPart => {
            let mut next = 0;
            loop {
                let end = plaintext.min(next + part - 16);
                bytes.extend((next..end).map(Byte::Plaintext));
                bytes.extend(tag.clone());
                next = end;
                if next == plaintext {
                    break;
                }
            }
        }
    }
    bytes
}

fn tag_place(parts: &[&[Byte]]) -> TagPlace {
    let is_tag = |byte: &Byte| matches!(byte, Byte::Tag(_));
    let with_tag: Vec<_> = parts
        .iter()
        .filter(|part| part.iter().any(is_tag))
        .collect();
    match with_tag.as_slice() {
        [only] if parts.len() > 1 && only.iter().all(is_tag) => TagPlace::OwnPart,
        [_] => TagPlace::LastPart,
        [_, _] => TagPlace::Split,
        _ => unreachable!("a tag of 16 bytes in {} parts", with_tag.len()),
    }
}

#[test]
fn every_small_layout_is_the_stored_object_cut_in_parts() {
    let mut places = [0; 3];
    for cipher in Cipher::ALL {
        for part in (16..=96).step_by(16) {
            for plaintext in 0..=400 {
                let case = format!("{cipher:?}: {plaintext} / {part}");
                let layout = Layout::new(cipher, plaintext, PartSize::new(part).expect("not zero"));
                if cipher == Cipher::GcmPart && part == 16 {
                    let refusal = layout.expect_err("no room beside the tag");
                    assert_eq!(refusal.rule, rules::DECLARED_SIZES, "{case}");
                    continue;
                }
                let layout = layout.expect("a legal size");
                let stored = stored(cipher, plaintext, part);
                let size = usize::try_from(part).expect("small");
                let parts: Vec<_> = stored.chunks(size).collect();
                assert_eq!(layout.wire().data.bytes(), length(&stored), "{case}");
                assert_eq!(layout.wire().part.bytes(), part, "{case}");
                assert_eq!(layout.wire().count(), length(&parts), "{case}");
                assert_eq!((layout.cipher(), layout.plaintext()), (cipher, plaintext));
                for (number, bytes) in (1..).zip(&parts) {
                    let number = PartNumber::new(number).expect("few parts");
                    let range = layout.plaintext_of(number).expect("a part");
                    let held: Vec<_> = bytes.iter().copied().filter_map(plaintext_index).collect();
                    assert_eq!(range.collect::<Vec<_>>(), held, "{case}, part {number}");
                    let range = layout.object_tag_of(number).expect("a part");
                    let held: Vec<_> = match cipher {
                        Cipher::GcmObject => bytes.iter().copied().filter_map(tag_index).collect(),
                        Cipher::Ctr | Cipher::GcmPart => Vec::new(),
                    };
                    assert_eq!(range.collect::<Vec<_>>(), held, "{case}, part {number}");
                }
                let beyond = PartNumber::new(length(&parts) + 1).expect("few parts");
                assert_eq!(layout.plaintext_of(beyond), None, "{case}");
                assert_eq!(layout.object_tag_of(beyond), None, "{case}");
                let place = (cipher == Cipher::GcmObject).then(|| tag_place(&parts));
                assert_eq!(layout.tag_place(), place, "{case}");
                match place {
                    Some(TagPlace::LastPart) => places[0] += 1,
                    Some(TagPlace::OwnPart) => places[1] += 1,
                    Some(TagPlace::Split) => places[2] += 1,
                    None => {}
                }
            }
        }
    }
    assert!(places.iter().all(|times| *times > 30), "{places:?}");
}

fn length<T>(slice: &[T]) -> u64 {
    u64::try_from(slice.len()).expect("small")
}

fn plaintext_index(byte: Byte) -> Option<u64> {
    match byte {
        Byte::Plaintext(index) => Some(index),
        Byte::Tag(_) => None,
    }
}

fn tag_index(byte: Byte) -> Option<u64> {
    match byte {
        Byte::Tag(index) => Some(index),
        Byte::Plaintext(_) => None,
    }
}

/// Every size within 2 of a boundary.
fn lattice() -> Vec<u64> {
    let boundaries = [
        0,
        16,
        MIN_PART_SIZE,
        10_000 * MIN_PART_SIZE,
        1 << 31,
        1 << 32,
        MAX_PART_SIZE,
        1 << 36,
        MAX_GCM_MESSAGE,
        MAX_MULTIPART_OBJECT,
        1 << 53,
        1 << 63,
        u64::MAX,
    ];
    let mut sizes: Vec<u64> = boundaries
        .into_iter()
        .flat_map(|at: u64| at.saturating_sub(2)..=at.saturating_add(2))
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Part sizes: the same, their nearest multiples of 16, and small ones.
fn part_sizes() -> Vec<u64> {
    let aligned = lattice()
        .into_iter()
        .flat_map(|size| [size & !15, (size & !15).saturating_add(16) & !15]);
    let mut sizes: Vec<u64> = lattice()
        .into_iter()
        .chain(aligned)
        .chain([32, 48])
        .collect();
    sizes.retain(|size| *size > 0);
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

#[test]
fn plans_are_exact_around_every_boundary() {
    for data in lattice() {
        for part in part_sizes() {
            let plan = plan(data, part);
            let count = bisected_count(data, part);
            assert_eq!(u128::from(plan.count()), count, "{data} / {part}");
            let near = [
                1,
                2,
                9_999,
                10_000,
                plan.count().saturating_sub(1),
                plan.count(),
            ];
            for number in near.into_iter().chain(plan.count().checked_add(1)) {
                if !(1..=10_000).contains(&number) {
                    continue;
                }
                let offset = u128::from(number - 1) * u128::from(part);
                let rest = u128::from(data)
                    .checked_sub(offset)
                    .filter(|rest| *rest > 0);
                let expected = rest.map(|rest| (offset, rest.min(part.into())));
                let given = slice(plan, number)
                    .map(|(offset, length)| (u128::from(offset), u128::from(length)));
                assert_eq!(given, expected, "part {number} of {data} / {part}");
            }
            // What the envelope reads from text is the same.
            let headers: Headers = [(DATA_SIZE, data.to_string()), (PART_SIZE, part.to_string())]
                .into_iter()
                .collect();
            let sizes = Envelope::parse(&headers).sizes().expect("two integers");
            assert_eq!((sizes.data, sizes.part), (plan.data, plan.part));
            let too_many = plan
                .objections()
                .iter()
                .any(|o| o.rule == rules::COUNT_LIMIT);
            assert_eq!(too_many, count > 10_000, "{data} / {part}");
        }
    }
}

/// The declared size of a layout, or the rule that refuses it.
fn expected_layout(cipher: Cipher, plaintext: u64, part: u64) -> Result<u128, &'static str> {
    if part & 15 != 0 {
        return Err("part-size-aligned");
    }
    let room = part - 16;
    let message = match cipher {
        Cipher::Ctr => 0,
        Cipher::GcmObject => plaintext,
        Cipher::GcmPart => plaintext.min(room),
    };
    if message > 68_719_476_704 {
        return Err("gcm-message-limit");
    }
    let tags = match cipher {
        Cipher::Ctr => 0,
        Cipher::GcmObject => 1,
        Cipher::GcmPart if room == 0 => return Err("declared-sizes"),
        Cipher::GcmPart => bisected_count(plaintext, room).max(1),
    };
    let data = u128::from(plaintext) + 16 * tags;
    if data > u128::from(u64::MAX) {
        return Err("object-too-large");
    }
    Ok(data)
}

#[test]
fn layouts_are_exact_or_refused_around_every_boundary() {
    let mut refusals = std::collections::BTreeMap::new();
    for cipher in Cipher::ALL {
        for plaintext in lattice() {
            for part in part_sizes() {
                let case = format!("{cipher:?}: {plaintext} / {part}");
                let layout = Layout::new(cipher, plaintext, PartSize::new(part).expect("not zero"));
                let given = layout
                    .as_ref()
                    .map(|layout| u128::from(layout.wire().data.bytes()))
                    .map_err(|refusal| refusal.rule.id);
                let expected = expected_layout(cipher, plaintext, part);
                assert_eq!(given, expected, "{case}");
                match layout {
                    Ok(layout) => last_parts_end_the_plaintext(&layout, &case),
                    Err(refusal) => *refusals.entry(refusal.rule.id).or_insert(0) += 1,
                }
            }
        }
    }
    // Each refusal was met.
    assert_eq!(refusals.len(), 4, "{refusals:?}");
}

/// The last two parts, where they have legal numbers, end with the last plaintext byte and the last tag byte.
fn last_parts_end_the_plaintext(layout: &Layout, case: &str) {
    let count = layout.wire().count();
    let Some(last) = PartNumber::new(count) else {
        return;
    };
    let plaintext = layout.plaintext_of(last).expect("the last part");
    assert_eq!(plaintext.end, layout.plaintext(), "{case}");
    let before = PartNumber::new(count - 1).and_then(|number| layout.plaintext_of(number));
    assert_eq!(
        plaintext.start,
        before.map_or(0, |before| before.end),
        "{case}"
    );
    if layout.cipher() != Cipher::GcmObject {
        return;
    }
    let tag = layout.object_tag_of(last).expect("the last part");
    let before = PartNumber::new(count - 1).and_then(|number| layout.object_tag_of(number));
    assert_eq!(
        (tag.start, tag.end),
        (before.map_or(0, |before| before.end), 16),
        "{case}"
    );
    let place = match (tag.start, plaintext.is_empty() && layout.plaintext() > 0) {
        (0, true) => TagPlace::OwnPart,
        (0, false) => TagPlace::LastPart,
        _ => TagPlace::Split,
    };
    assert_eq!(layout.tag_place(), Some(place), "{case}");
}
