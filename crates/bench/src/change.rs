//! Where a series changes: E-divisive means, of D. S. Matteson and N. A. James, A Nonparametric Approach for Multiple Change Point Analysis of
//! Multivariate Data (2014), for one variable. Nothing is assumed of the values; how far apart they lie within two stretches and between them
//! decides, and whether an order that is drawn would lie as far apart.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::statistics::float;

/// Values that a stretch has at least.
const LEAST: usize = 5;
/// Values from which on there can be a change: of fewer, too many orders are those in which all that is low stands on one side.
pub(crate) const FEWEST: usize = 12;
/// Orders that are drawn, and of them those that may lie as far apart: one in a hundred with the series itself.
const DRAWN: usize = 199;
const AS_FAR: usize = 1;

/// Where changes are, in order: each the place of the first value behind it.
pub(crate) fn change_points(values: &[f64]) -> Vec<usize> {
    if values.len() < FEWEST {
        return Vec::new();
    }
    let mut random = ChaCha20Rng::seed_from_u64(0);
    let (mut found, mut open) = (Vec::new(), vec![(0, values.len())]);
    while let Some((start, end)) = open.pop() {
        let Some((at, distance)) = farthest(&values[start..end]) else {
            continue;
        };
        let mut drawn = values[start..end].to_vec();
        let as_far = (0..DRAWN).filter(|_| {
            shuffle(&mut drawn, &mut random);
            farthest(&drawn).is_some_and(|(_, other)| other >= distance)
        });
        // The first that is too much is enough to know.
        if as_far.take(AS_FAR + 1).count() <= AS_FAR {
            let middle = start + at;
            found.push(middle);
            open.extend([(start, middle), (middle, end)]);
        }
    }
    found.sort_unstable();
    found
}

/// Where two stretches lie farthest apart, and how far; nothing if there are too few values. The first stretch begins with the values, and the second
/// may end before them: what goes up and comes back is seen so.
fn farthest(values: &[f64]) -> Option<(usize, f64)> {
    let n = values.len();
    // Of each two places the sum of the distances of all that is before the one to all that is before the other.
    let mut sums = vec![vec![0.0; n + 1]; n + 1];
    for (row, one) in values.iter().enumerate() {
        let mut of_row = 0.0;
        for (column, other) in values.iter().enumerate() {
            of_row += (one - other).abs();
            sums[row + 1][column + 1] = sums[row][column + 1] + of_row;
        }
    }
    let pairs = |count: usize| float(count * (count - 1)) / 2.0;
    let mut farthest = None;
    for at in LEAST..=n.saturating_sub(LEAST) {
        let before = sums[at][at];
        for (end, up_to_end) in sums.iter().enumerate().skip(at + LEAST) {
            let between = up_to_end[at] - before;
            let behind = up_to_end[end] - before - 2.0 * between;
            let sizes = float(at * (end - at));
            let within = before / 2.0 / pairs(at) + behind / 2.0 / pairs(end - at);
            let distance = sizes / float(end) * (2.0 * between / sizes - within);
            if farthest.is_none_or(|(_, most)| distance > most) {
                farthest = Some((at, distance));
            }
        }
    }
    farthest
}

fn shuffle(values: &mut [f64], random: &mut ChaCha20Rng) {
    for last in (1..values.len()).rev() {
        let bound = u64::try_from(last + 1).unwrap_or(u64::MAX);
        let other = usize::try_from(random.next_u64() % bound).unwrap_or_default();
        values.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The annual flow of the Nile at Aswan, 1871 to 1970: G. W. Cobb, The Problem of the Nile (1978). It is lower from 1899 on.
    const NILE: [u16; 100] = [
        1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960,
        1180, 799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694,
        940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764,
        821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822,
        1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050,
        918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
    ];

    #[test]
    fn the_nile_is_lower_from_1899_on() {
        assert_eq!(change_points(&NILE.map(f64::from)), [1899 - 1871]);
    }

    /// Around each of these middles in turn, so many values that differ by less than 3 %.
    fn around(middles: &[f64], each: usize, seed: u64) -> Vec<f64> {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let mut unit = || f64::from(random.next_u32()) / f64::from(u32::MAX);
        let middles = middles.iter().flat_map(|one| vec![*one; each]);
        middles.map(|one| one + 0.06 * (unit() - 0.5)).collect()
    }

    #[test]
    fn each_of_several_changes_is_found_where_it_is() {
        assert_eq!(
            change_points(&around(&[1.0, 1.1, 1.0, 1.3], 12, 1)),
            [12, 24, 36]
        );
    }

    #[test]
    fn noise_has_a_change_one_time_in_a_hundred_and_what_stands_still_none() {
        let changed = (0..400).filter(|seed| !change_points(&around(&[1.0], 40, *seed)).is_empty());
        let changed = changed.count();
        assert!((1..=8).contains(&changed), "{changed} of 400");
        assert!(change_points(&[1.0; 40]).is_empty());
        let mut hit = around(&[1.0], 40, 7);
        hit[20] = 3.0;
        assert!(change_points(&hit).is_empty(), "one turn that was hit");
    }

    #[test]
    fn too_few_values_have_no_change() {
        for few in 0..FEWEST {
            assert!(change_points(&around(&[1.0, 9.0], FEWEST / 2, 1)[..few]).is_empty());
        }
        let enough = around(&[1.0, 9.0], FEWEST / 2, 1);
        assert_eq!(change_points(&enough), [FEWEST / 2]);
    }
}
