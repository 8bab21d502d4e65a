//! The statistics of pairs: by how much one of two is slower, and whether that can be chance.
//!
//! Nothing is assumed of times but that a pair's difference, as the logarithm of its ratio, lies as likely above as below its middle. A mean, or a
//! test on means, is carried away by the one sample in twenty during which the machine did something else.

/// The chance of each sum of positive ranks of this many differences, if each is as likely positive as negative.
///
/// `chances[w]` is that of the sum `w`, from 0 to n (n + 1) / 2.
fn signed_rank_chances(n: usize) -> Vec<f64> {
    let mut chances = vec![1.0];
    for rank in 1..=n {
        let mut next = vec![0.0; chances.len() + rank];
        for (sum, chance) in chances.iter().enumerate() {
            next[sum] += chance / 2.0;
            next[sum + rank] += chance / 2.0;
        }
        chances = next;
    }
    chances
}

/// The sum of the ranks of the positive differences. Equal ones share their ranks, and what is zero is left out.
fn signed_rank(differences: &[f64]) -> (f64, usize) {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    sorted.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
    let (mut sum, mut before) = (0.0, 0);
    for equal in sorted.chunk_by(|one, other| one.abs() == other.abs()) {
        // The mean of the ranks from `before` + 1 on.
        let rank = float(2 * before + equal.len() + 1) / 2.0;
        sum += rank * float(equal.iter().filter(|d| **d > 0.0).count());
        before += equal.len();
    }
    (sum, sorted.len())
}

/// The chance of differences that lie so far above this value or farther, if their middle is not above it (Wilcoxon's signed rank test, exact).
pub fn chance_of_above(differences: &[f64], value: f64) -> f64 {
    let moved: Vec<f64> = differences.iter().map(|d| d - value).collect();
    let (sum, n) = signed_rank(&moved);
    let chances = signed_rank_chances(n);
    let as_high = (0..).zip(&chances).filter(|(w, _)| float(*w) >= sum);
    as_high.map(|(_, chance)| chance).sum::<f64>().min(1.0)
}

/// A middle, and the interval that covers it with a certain confidence.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The middle.
    pub middle: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

impl Estimate {
    /// Hodges and Lehmann's estimate of the middle of these differences, the median of the means of all pairs, and the interval of those values that
    /// the signed rank test does not refuse. `None` if there are too few of them for this confidence.
    pub fn of(differences: &[f64], confidence: f64) -> Option<Self> {
        let mut means: Vec<f64> = Vec::new();
        for (at, one) in differences.iter().enumerate() {
            means.extend(differences[at..].iter().map(|other| (one + other) / 2.0));
        }
        means.sort_by(f64::total_cmp);
        let tail = (1.0 - confidence) / 2.0;
        // So many sums at each end are too unlikely; the first that is not is the interval's.
        let mut total = 0.0;
        let chances = signed_rank_chances(differences.len());
        let unlikely = chances.iter().take_while(|chance| {
            total += **chance;
            total <= tail
        });
        let cut = unlikely.count().checked_sub(1)?;
        Some(Self {
            middle: median(&means)?,
            low: *means.get(cut)?,
            high: *means.get(means.len().checked_sub(cut + 1)?)?,
        })
    }

    /// The farthest from zero that it reaches.
    pub fn reach(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// Half of its width.
    pub fn half_width(self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The median of sorted values.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let high = *sorted.get(sorted.len() / 2)?;
    let low = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some((low + high) / 2.0)
}

/// Which of these chances are too small for `alpha` over all of them (Holm): however many are asked, one is taken for more than chance by mistake at
/// most that often.
pub fn holm(chances: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|one, other| chances[*one].total_cmp(&chances[*other]));
    let mut refused = vec![false; chances.len()];
    for (passed, at) in order.iter().enumerate() {
        if chances[*at] > alpha / float(chances.len() - passed) {
            break;
        }
        refused[*at] = true;
    }
    refused
}

/// How a cost grows: the exponent of `work` in it, by least squares over logarithms. One that is proportional has 1, one that is quadratic 2.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logarithms: Vec<(f64, f64)> = points
        .iter()
        .map(|(work, cost)| (work.ln(), cost.ln()))
        .collect();
    let n = float(logarithms.len());
    let mean = |of: fn(&(f64, f64)) -> f64| logarithms.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covered: f64 = logarithms.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope: f64 = logarithms
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    (covered > 0.0).then(|| slope / covered)
}

/// Counts are far below what a float cannot tell apart.
#[allow(clippy::as_conversions, clippy::cast_precision_loss)]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at_most(n: usize, w: usize) -> f64 {
        signed_rank_chances(n)[..=w].iter().sum()
    }

    /// Critical values of the signed rank test as published: F. Wilcoxon and R. A. Wilcox, Some Rapid Approximate Statistical Procedures (1964),
    /// table 2: the largest sum whose chance is not above 0.025 (0.005) to one side.
    #[test]
    fn critical_values_are_those_of_the_published_table() {
        for (n, at_0_025, at_0_005) in [
            (8, 3, 0),
            (10, 8, 3),
            (12, 13, 7),
            (15, 25, 15),
            (20, 52, 37),
            (25, 89, 68),
            (30, 137, 109),
        ] {
            for (alpha, critical) in [(0.025, at_0_025), (0.005, at_0_005)] {
                assert!(at_most(n, critical) <= alpha, "{n}: {critical} at {alpha}");
                assert!(
                    at_most(n, critical + 1) > alpha,
                    "{n}: {critical} at {alpha}"
                );
            }
        }
    }

    #[test]
    fn all_above_is_as_unlikely_as_it_can_be() {
        let above: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((chance_of_above(&above, 0.0) - 1.0 / 1024.0).abs() < 1e-12);
        assert!((chance_of_above(&above, 11.0) - 1.0).abs() < 1e-12);
        assert_eq!(chance_of_above(&[0.0; 5], 0.0), 1.0, "nothing to rank");
    }

    /// The example of M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods (1973), table 3.1: depression before and after a tranquilizer,
    /// with the estimate that they give and the interval of 96.1 %.
    #[test]
    #[allow(clippy::approx_constant, reason = "a measured value")]
    fn the_published_example_has_its_estimate() {
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let fallen: Vec<f64> = before.iter().zip(after).map(|(b, a)| b - a).collect();
        let estimate = Estimate::of(&fallen, 0.96).unwrap();
        assert!((estimate.middle - 0.46).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.low - 0.01).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.high - 0.786).abs() < 1e-9, "{estimate:?}");
        assert!((chance_of_above(&fallen, 0.0) - 0.019_531_25).abs() < 1e-9);
    }

    #[test]
    fn holm_refuses_in_order_and_stops() {
        assert_eq!(
            holm(&[0.01, 0.04, 0.03, 0.005], 0.05),
            [true, false, false, true]
        );
        assert_eq!(holm(&[], 0.05), [true; 0]);
    }

    #[test]
    fn a_cost_that_is_quadratic_has_an_exponent_of_two() {
        let points: Vec<_> = [1.0, 100.0, 10_000.0].map(|n| (n, 3.0 * n * n)).into();
        assert!((exponent(&points).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(exponent(&[(5.0, 1.0)]), None);
    }

    proptest! {
        /// Who is in the interval the test does not refuse, and the other way round.
        #[test]
        fn the_interval_is_the_test_turned_around(
            differences in prop::collection::vec(-1.0..1.0_f64, 8..30),
            value in -1.0..1.0_f64,
        ) {
            let interval = Estimate::of(&differences, 0.95).unwrap();
            let negated: Vec<f64> = differences.iter().map(|d| -d).collect();
            let refused = chance_of_above(&differences, value) <= 0.025
                || chance_of_above(&negated, -value) <= 0.025;
            prop_assert_eq!(refused, value < interval.low || value > interval.high);
        }
    }
}
