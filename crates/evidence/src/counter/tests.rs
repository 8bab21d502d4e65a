use super::*;

const PART: u64 = 64;

/// Two parts of four blocks of which the second is encrypted from this counter on, as far as it counts there.
fn second(counter: impl Fn(u128) -> u128, length: usize) -> (Vec<u8>, Vec<u8>) {
    let plaintext: Vec<u8> = (0..length).map(|at| u8::try_from(at).unwrap()).collect();
    let blocks = plaintext.chunks(16).zip(4..);
    let stored = blocks.flat_map(|(chunk, index)| {
        let counter = Start(counter(index).to_be_bytes());
        ctr::apply(ContentKey([7; 32]), counter, ByteOffset::new(0), chunk)
    });
    let stored = stored.collect();
    (plaintext, stored)
}

fn crypted<'a>(start: u128, plaintext: &'a [u8], ciphertext: &'a [u8]) -> Crypted<'a> {
    Crypted {
        key: ContentKey([7; 32]),
        start: Start(start.to_be_bytes()),
        part_size: PART,
        length: 2 * PART,
        offset: PART,
        before: None,
        is_read: false,
        plaintext,
        ciphertext,
    }
}

fn causes(start: u128, counter: impl Fn(u128) -> u128, length: usize) -> Vec<Cause> {
    let (plaintext, stored) = second(counter, length);
    crypted(start, &plaintext, &stored).causes()
}

const BELOW_2_TO_128: u128 = u128::MAX - 1;
const BELOW_2_TO_64: u128 = (1 << 64) - 2;

#[test]
fn a_mistake_is_told_by_whole_blocks_and_never_by_fewer_bytes() {
    let around = |index| BELOW_2_TO_128.wrapping_add(index) + 1;
    assert_eq!(causes(BELOW_2_TO_128, around, 40), [Cause::CarryGoesAround]);
    let lost = |index: u128| BELOW_2_TO_64.wrapping_add(index) & u128::from(u64::MAX);
    assert_eq!(causes(BELOW_2_TO_64, lost, 16), [Cause::CarryLostAt64]);
    for length in 0..16 {
        assert_eq!(causes(BELOW_2_TO_128, around, length), []);
        assert_eq!(causes(BELOW_2_TO_64, lost, length), []);
    }
}

#[test]
fn what_several_mistakes_make_has_several_causes() {
    let start = u128::MAX - 1;
    let from_zero = |index: u128| start.wrapping_add(index - 4);
    assert_eq!(causes(start, from_zero, 64), [Cause::PartFromZero]);
    let (plaintext, stored) = second(from_zero, 64);
    let known = Crypted {
        before: Some(0),
        ..crypted(start, &plaintext, &stored)
    };
    assert_eq!(known.causes(), [Cause::PartFromZero, Cause::StreamGoesOn]);
    assert_eq!(known.settled(), None);
}

#[test]
fn one_wrong_block_among_right_ones_is_no_mistake_of_all() {
    let one = |index: u128| if index == 5 { 99 } else { index };
    assert_eq!(causes(0, one, 64), []);
    // From there on it is another place.
    let from_there = |index: u128| if index >= 5 { index - 5 } else { index };
    assert_eq!(causes(0, from_there, 64), [Cause::OtherPlace]);
}

#[test]
fn a_key_that_was_not_tried_is_not_named() {
    let plaintext = [1; 64];
    let other = (ContentKey([8; 32]), Start([9; 16]));
    let stored = ctr::apply(other.0, other.1, ByteOffset::new(PART), &plaintext);
    let crypted = crypted(0, &plaintext, &stored);
    assert_eq!(crypted.causes(), []);
    assert_eq!(crypted.evidence(None, false), Evidence::default());
    assert!(crypted.is_under(other.0, other.1));
    assert!(!crypted.is_under(other.0, Start([8; 16])));
    assert!(!crypted.is_under(ContentKey([6; 32]), other.1));
}

#[test]
fn plaintext_is_told_by_eight_bytes() {
    let bytes = [5; 8];
    assert_eq!(crypted(0, &bytes, &bytes).causes(), [Cause::NotEncrypted]);
    assert_eq!(crypted(0, &bytes[..7], &bytes[..7]).causes(), []);
}

#[test]
fn shared_keystream_is_drawn() {
    let (plaintext, stored) = second(|index| 3 + index - 4, 64);
    let evidence = crypted(3, &plaintext, &stored).evidence(Some(Cause::PartFromZero), true);
    let drawn = "\
| part 1 | part 2 |
     ^        x
x  from byte 64, in part 2:
   block 4 is encrypted for block 0, that of byte 0
^  which is in part 1
   two places have the keystream of blocks 0 to 3";
    assert_eq!(
        evidence.drawing.map(|drawing| drawing.text()).as_deref(),
        Some(drawn)
    );
}

#[test]
fn a_place_within_a_block_is_told() {
    let plaintext = [3; 64];
    let stored = ctr::apply(
        ContentKey([7; 32]),
        Start([0; 16]),
        ByteOffset::new(21),
        &plaintext,
    );
    let crypted = crypted(0, &plaintext, &stored);
    assert_eq!(crypted.made_for(), Some((64, 21)));
    assert_eq!(crypted.causes(), [Cause::OtherPlace]);
    let drawing = crypted.evidence(None, false).drawing;
    assert!(drawing.is_some_and(|drawing| drawing.text().contains("for byte 21, within block 1")));
}
