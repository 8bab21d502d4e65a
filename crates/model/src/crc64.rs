//! CRC-64/XZ, the service's `x-oss-hash-crc64ecma`, and the CRC of two byte strings joined from the CRCs of each.

use crc::{CRC_64_XZ, Crc};

const XZ: Crc<u64> = Crc::<u64>::new(&CRC_64_XZ);

/// The polynomial of CRC-64/XZ with its bits reversed, as the register holds it.
const POLYNOMIAL: u64 = CRC_64_XZ.poly.reverse_bits();

/// The CRC of some bytes.
pub fn checksum(bytes: &[u8]) -> u64 {
    XZ.checksum(bytes)
}

/// The CRC of `first` followed by `second`, from the CRCs of both and the length of the second in bytes.
///
/// Appending n bytes multiplies the register by x^(8n); initial value and final inversion cancel out.
pub fn combine(first: u64, second: u64, second_length: u64) -> u64 {
    let mut shifted = first;
    let mut power = X_TO_THE_8;
    let mut length = second_length;
    while length > 0 {
        if length & 1 == 1 {
            shifted = multiply(shifted, power);
        }
        power = multiply(power, power);
        length >>= 1;
    }
    shifted ^ second
}

/// The polynomial 1: bit-reversed, so the highest bit.
const ONE: u64 = 1 << 63;
/// The polynomial x^8.
const X_TO_THE_8: u64 = 1 << 55;

/// The product of two bit-reversed polynomials modulo that of CRC-64/XZ.
fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    for degree in 0..64 {
        if a & (ONE >> degree) != 0 {
            product ^= b;
        }
        let carry = b & 1 == 1;
        b >>= 1;
        if carry {
            b ^= POLYNOMIAL;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(checksum(b"123456789"), 0x995d_c9bb_df19_39fa);
    }

    #[test]
    fn combining_equals_checksumming_the_whole() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for cut in [0, 1, 7, 8, 255, 256, 999, 1_000] {
            let (first, second) = bytes.split_at(cut);
            let length = u64::try_from(second.len()).unwrap();
            assert_eq!(
                combine(checksum(first), checksum(second), length),
                checksum(&bytes),
                "cut at {cut}"
            );
        }
    }
}
