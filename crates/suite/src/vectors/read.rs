/// The largest number in a file: what every language reads exactly.
pub(super) const LARGEST_NUMBER: u64 = (1 << 53) - 1;
