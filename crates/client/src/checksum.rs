//! Checksums as the service has them, all of bytes on the wire: CRC-64/XZ in `x-oss-hash-crc64ecma`, MD5 in the ETag of a part, and the
//! ETag that the parts' ETags make of an object (service-rules.md, 4.4).

use crc64fast::Digest;

/// CRC-64/XZ of some bytes, with their number, so that two of them make the one of both in a row (fault D06).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crc64 {
    pub(crate) value: u64,
    length: u64,
}

impl Crc64 {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut digest = Digest::new();
        digest.write(bytes);
        Crc64 {
            value: digest.sum64(),
            length: u64::try_from(bytes.len()).expect("a slice in memory is below 2^64 bytes"),
        }
    }

    /// The checksum of these bytes and then the others: a CRC is a remainder, so the bytes that follow multiply it by a power of x.
    pub(crate) fn then(self, next: Crc64) -> Self {
        Crc64 {
            value: multiply(self.value, power_of_x8(next.length)) ^ next.value,
            length: self.length.saturating_add(next.length),
        }
    }
}

/// The polynomial, its highest power in the lowest bit, as in every value here.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;
const ONE: u64 = 1 << 63;

/// x^(8n) modulo the polynomial.
fn power_of_x8(mut n: u64) -> u64 {
    let (mut power, mut square) = (ONE, ONE >> 8);
    while n > 0 {
        if n & 1 == 1 {
            power = multiply(power, square);
        }
        square = multiply(square, square);
        n >>= 1;
    }
    power
}

/// a times b modulo the polynomial.
fn multiply(mut a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    while a > 0 {
        if a & ONE != 0 {
            product ^= b;
        }
        a <<= 1;
        b = (b >> 1) ^ if b & 1 == 1 { POLYNOMIAL } else { 0 };
    }
    product
}

/// The ETag of a part or a single put, without quotes.
pub(crate) fn etag_of(bytes: &[u8]) -> String {
    format!("{:X}", md5::compute(bytes))
}

/// The ETag of an object of these parts' ETags, without quotes.
pub(crate) fn multipart_etag<'e>(etags: impl ExactSizeIterator<Item = &'e str>) -> String {
    let count = etags.len();
    let joined: String = etags
        .map(|etag| etag.trim_matches('"').to_ascii_uppercase())
        .collect();
    format!("{}-{count}", etag_of(joined.as_bytes()))
}

/// Whether two ETags are one, quotes and case apart.
pub(crate) fn same_etag(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_matches('"'), other.trim_matches('"'));
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_answers() {
        assert_eq!(Crc64::of(b"123456789").value, 0x995D_C9BB_DF19_39FA);
        assert_eq!(etag_of(b""), "D41D8CD98F00B204E9800998ECF8427E");
        let parts = [
            "\"4DE8075FB607DF4D13FBC480EA488EFA\"",
            "af947ec157726cea88ed83b3c989063b",
        ];
        assert_eq!(
            multipart_etag(parts.into_iter()),
            "1C787C506EABFB9B45EAAA8DB039F4B2-2"
        );
        assert!(same_etag("\"ab\"", "AB") && !same_etag("ab", "ac"));
    }

    proptest! {
        #[test]
        fn checksums_combine(bytes in prop::collection::vec(any::<u8>(), 0..300), cuts in prop::collection::vec(0..300_usize, 0..4)) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let combined = cuts.windows(2).map(|cut| Crc64::of(&bytes[cut[0]..cut[1]])).fold(Crc64::default(), Crc64::then);
            prop_assert_eq!(combined, Crc64::of(&bytes));
        }
    }
}
