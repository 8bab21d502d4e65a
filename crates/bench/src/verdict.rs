//! When a row is slower, when it is not, and when nobody can tell.

use serde::{Deserialize, Serialize};

use crate::statistics::{Estimate, chance_of_above, holm};

/// After how many pairs the rows are looked at; a row that is decided is not measured further.
pub const LOOKS: [usize; 3] = [20, 40, 60];
/// How often a run may call a row slower by mistake, over all rows and looks.
pub const ALPHA: f64 = 0.01;
/// How surely the interval that is told covers the ratio.
pub const CONFIDENCE: f64 = 0.95;

/// What is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Slower by more than the threshold.
    Regressed,
    /// Not slower by as much as the threshold.
    Passed,
    /// The interval covers the threshold.
    Inconclusive,
    /// What came out was wrong, so that its time means nothing.
    Void,
    /// One of the two cannot do it.
    NotDeclared,
    /// There is nothing to be slower than: the figures are told, and no more.
    Told,
}

/// The logarithms of ratios of a row: of the new one to the old one, and of the old one to itself.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// New to old, a pair each.
    pub changed: Vec<f64>,
    /// Old to old, what the machine does by itself.
    pub same: Vec<f64>,
}

/// A row as it was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    /// The logarithm of the ratio of new to old.
    pub change: Estimate,
    /// What the machine makes of two that are the same, at most.
    pub noise: f64,
    /// The larger of that and of the change that is to be seen.
    pub threshold: f64,
    /// How likely differences are that lie so far above the threshold, if the change does not.
    pub chance: f64,
    /// What is said.
    pub verdict: Verdict,
}

/// Looks at rows, all of them at a time, for the last time or not. `least` is the change that is to be seen, as a logarithm. The chance of a mistake is
/// spent in equal shares over the looks. Where the machine makes more noise than that, no row passes before the last look: the noise is known better then.
///
/// Gives nothing for a row that has too few pairs.
pub fn look(rows: &[Differences], least: f64, is_last: bool) -> Vec<Option<Looked>> {
    let looked: Vec<Option<(Estimate, f64, f64, f64)>> = rows
        .iter()
        .map(|row| {
            let change = Estimate::of(&row.changed, CONFIDENCE)?;
            let noise = Estimate::of(&row.same, CONFIDENCE)?.reach();
            let threshold = least.max(noise);
            let chance = chance_of_above(&row.changed, threshold);
            Some((change, noise, threshold, chance))
        })
        .collect();
    let chances: Vec<f64> = looked
        .iter()
        .map(|row| row.map_or(1.0, |(.., chance)| chance))
        .collect();
    let share = ALPHA / crate::statistics::float(LOOKS.len());
    let unlikely = holm(&chances, share);
    let told = looked.into_iter().zip(unlikely).map(|(row, is_unlikely)| {
        let (change, noise, threshold, chance) = row?;
        let verdict = match (
            is_unlikely && change.low > threshold,
            change.high < threshold,
        ) {
            (true, _) => Verdict::Regressed,
            (false, true) if is_last || noise <= least => Verdict::Passed,
            (false, _) => Verdict::Inconclusive,
        };
        Some(Looked {
            change,
            noise,
            threshold,
            chance,
            verdict,
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;
    use crate::statistics::float;

    /// A sample of a shared machine: a process that is luckier than others, small noise, and one in ten that something else ran into.
    fn sample(random: &mut ChaCha20Rng, process: f64) -> f64 {
        let mut unit = || f64::from(random.next_u32()) / f64::from(u32::MAX);
        let noise = 0.03 * (unit() + unit() + unit() - 1.5);
        let hit = if unit() < 0.1 { unit() } else { 0.0 };
        process + noise + hit
    }

    /// A whole run over so many rows, the first of which is slower by this factor: what is said of each.
    fn run(seed: u64, rows: usize, factor: f64) -> Vec<Verdict> {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let mut said = vec![None; rows];
        let mut all = vec![Differences::default(); rows];
        for pair in 1..=LOOKS[2] {
            // Each pair has new processes, of which each is faster or slower than others for all its rows.
            let processes =
                [0; 3].map(|_| 0.06 * (f64::from(random.next_u32()) / f64::from(u32::MAX) - 0.5));
            for (at, row) in all.iter_mut().enumerate() {
                let slower = if at == 0 { factor.ln() } else { 0.0 };
                let [new, old, again] = processes.map(|process| sample(&mut random, process));
                row.changed.push(new + slower - old);
                row.same.push(again - old);
            }
            if LOOKS.contains(&pair) {
                for (said, looked) in
                    said.iter_mut()
                        .zip(look(&all, 0.05_f64.ln_1p(), pair == LOOKS[2]))
                {
                    let verdict = looked.map(|looked| looked.verdict);
                    *said = said.or(verdict.filter(|verdict| *verdict != Verdict::Inconclusive));
                }
            }
        }
        let said = said.into_iter();
        said.map(|said| said.unwrap_or(Verdict::Inconclusive))
            .collect()
    }

    #[test]
    fn who_is_not_slower_is_not_accused_and_who_is_slower_is_seen() {
        const RUNS: u64 = 200;
        let accused = (0..RUNS).filter(|seed| run(*seed, 8, 1.0).contains(&Verdict::Regressed));
        let accused = accused.count();
        assert!(accused <= 2, "{accused} of {RUNS} A/A runs");
        let seen = (0..RUNS).filter(|seed| run(*seed, 8, 1.2)[0] == Verdict::Regressed);
        let seen = float(seen.count()) / 200.0;
        assert!(seen >= 0.95, "{seen} of the runs that are 20 % slower");
    }
}
