//! Intervals at 95 %: those of Clopper and Pearson, which are never too narrow.

use statrs::distribution::{Beta, ContinuousCDF};

const OUTSIDE: f64 = 0.05;

/// The chance of something that was seen so often in so many tries, from and to.
pub(crate) fn chance(seen: u64, tries: u64) -> (f64, f64) {
    chance_but_for(OUTSIDE, seen, tries)
}

/// The same with another share of all that is left outside.
pub(crate) fn chance_but_for(outside: f64, seen: u64, tries: u64) -> (f64, f64) {
    let (seen, unseen) = (float(seen), float(tries.saturating_sub(seen)));
    let quantile = |a: f64, b: f64, at: f64| Beta::new(a, b).map(|beta| beta.inverse_cdf(at));
    // Where it was never seen, or always, there is no such distribution.
    let least = quantile(seen, unseen + 1.0, outside / 2.0).unwrap_or(0.0);
    let most = quantile(seen + 1.0, unseen, 1.0 - outside / 2.0).unwrap_or(1.0);
    (least, most)
}

/// What is at most the chance of something that was not seen in so many tries.
pub(crate) fn never(tries: u64) -> f64 {
    1.0 - OUTSIDE.powf(1.0 / float(tries.max(1)))
}

/// As near as a float comes.
pub(crate) fn float(number: u64) -> f64 {
    u32::try_from(number).map_or_else(
        |_| f64::from(u32::try_from(number >> 32).unwrap_or(u32::MAX)) * 4_294_967_296.0,
        f64::from,
    )
}

/// The one in the middle; of none it is none.
pub(crate) fn median<T: Copy + PartialOrd>(values: &mut [T]) -> Option<T> {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() < 5e-4
    }

    /// From published tables.
    #[test]
    fn intervals_are_those_of_clopper_and_pearson() {
        for (seen, tries, least, most) in [
            (0, 10, 0.0, 0.3085),
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (10, 10, 0.6915, 1.0),
            (0, 30, 0.0, 0.1157),
        ] {
            let (from, to) = chance(seen, tries);
            assert!(
                is_near(from, least) && is_near(to, most),
                "{seen} of {tries}: {from} to {to}"
            );
        }
    }

    #[test]
    fn what_was_never_seen_may_have_been_missed() {
        // The rule of three.
        assert!((2.9..3.0).contains(&(never(1_000_000) * 1e6)));
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(&mut [3, 1, 2]), Some(2));
        assert_eq!(median::<u64>(&mut []), None);
    }
}
