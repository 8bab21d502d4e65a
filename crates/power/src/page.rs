//! The measurement as a page with pictures, that shows without a network.

use maud::{Markup, html};
use partproof_page::wide;

use crate::report::{Power, Runs, Strategy};
use crate::statistics::float;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 280.0;

/// Writes the page.
pub fn page(power: &Power) -> String {
    let (cases, alarms, most) = power.alarms();
    let by_cases = |runs: &Runs| -> Vec<Option<f64>> {
        runs.cases.iter().map(|cases| cases.map(float)).collect()
    };
    let by_seconds = |runs: &Runs| -> Vec<Option<f64>> {
        let timed = runs.cases.iter().zip(&runs.seconds);
        timed
            .map(|(cases, seconds)| cases.map(|_| seconds.max(1e-3)))
            .collect()
    };
    let content = html! {
        h1 { "How surely and how soon" }
        p {
            (power.faults.len()) " faults, each by its law alone, at " (power.seeds)
            " seeds; " (power.variants.len()) " right variants."
        }
        h2 { "Share of faults found, over cases" }
        (curves(power, by_cases, "cases", 1.0, 1e5))
        h2 { "Share of faults found, over seconds" }
        (curves(power, by_seconds, "seconds", 1e-3, 1e2))
        (totals(power))
        h2 { "The thinnest faults" }
        (thinnest(power))
        h2 { "Right variants" }
        @if cases > 0 {
            p {
                (cases) " cases, " (format!("{alarms:.2}")) " false alarms in a million, at most "
                (format!("{most:.2}")) " at 95 %."
            }
        }
        p {
            "The canary, which a run finds once in a hundred times, was found in " (power.canary.found)
            " of " (power.canary.runs) " runs."
        }
    };
    partproof_page::page(
        "How surely and how soon Partproof finds what is wrong",
        &content,
        None,
    )
}

fn class(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Partproof => "good",
        Strategy::Examples => "old",
        Strategy::Uniform => "doubtful",
        Strategy::Proptest => "new",
    }
}

/// One curve a strategy: the share of its runs that had found their fault by then. The axis across is logarithmic.
fn curves(
    power: &Power,
    values: impl Fn(&Runs) -> Vec<Option<f64>>,
    unit: &str,
    least: f64,
    most: f64,
) -> Markup {
    let across = |value: f64| {
        let share = (value / least).log10() / (most / least).log10();
        50.0 + share.clamp(0.0, 1.0) * (WIDTH - 160.0)
    };
    let down = |share: f64| 10.0 + (1.0 - share) * (HEIGHT - 50.0);
    let line = |strategy| {
        let runs = power.faults.iter().filter_map(|fault| fault.runs(strategy));
        let all: Vec<Option<f64>> = runs.flat_map(&values).collect();
        let mut found: Vec<f64> = all.iter().flatten().copied().collect();
        found.sort_by(f64::total_cmp);
        let count: f64 = all.iter().map(|_| 1.0).sum::<f64>().max(1.0);
        let mut points = format!("{:.1},{:.1}", across(least), down(0.0));
        let mut share = 0.0;
        for value in found {
            points.push_str(&format!(" {:.1},{:.1}", across(value), down(share)));
            share += 1.0 / count;
            points.push_str(&format!(" {:.1},{:.1}", across(value), down(share)));
        }
        points.push_str(&format!(" {:.1},{:.1}", across(most), down(share)));
        (points, down(share))
    };
    let decades = (0..=8)
        .map(|power| least * 10_f64.powi(power))
        .filter(|tick| *tick <= most * 1.01);
    html! {
        (wide(&format!("Curves over {unit}"), &html! { svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(format!("Share of faults found, over {unit}")) {
            @for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
                line x1="50" x2=(WIDTH - 110.0) y1=(down(share)) y2=(down(share)) class="grid" {}
                text x="8" y=(down(share) + 4.0) { (format!("{:.0} %", share * 100.0)) }
            }
            @for tick in decades {
                text x=(across(tick)) y=(HEIGHT - 20.0) text-anchor="middle" { (tick) }
            }
            text x=(WIDTH / 2.0) y=(HEIGHT - 4.0) text-anchor="middle" { (unit) }
            @for strategy in Strategy::ALL {
                @let (points, end) = line(strategy);
                polyline points=(points) class=(class(strategy)) style="fill:none" stroke-width="2" {}
                text x=(WIDTH - 104.0) y=(end + 4.0) class=(class(strategy)) { (strategy) }
            }
        } }))
    }
}

fn totals(power: &Power) -> Markup {
    html! {
        (wide("What each way of drawing finds", &html! { table {
            tr { th { "drawn" } th { "faults found at every seed" } th { "runs that found theirs" } th { "median cases" } th { "median seconds" } }
            @for total in power.totals() {
                tr {
                    td { (total.strategy) }
                    td.n { (total.faults) " of " (total.of) }
                    td.n { (format!("{:.1} %", total.share * 100.0)) }
                    td.n { (total.median_cases.map_or("–".to_owned(), |cases| cases.to_string())) }
                    td.n { (total.median_seconds.map_or("–".to_owned(), |seconds| format!("{seconds:.3}"))) }
                }
            }
        } }))
    }
}

fn thinnest(power: &Power) -> Markup {
    html! {
        (wide("The thinnest faults", &html! { table {
            tr { th { "fault" } th { "law" } th { "median cases" } th { "of" } th { "chance of a miss" } th { "at most, at 95 %" } }
            @for thin in power.thinnest().into_iter().take(20) {
                tr {
                    td title=(thin.fault.sentence) { (thin.fault.id) }
                    td { (thin.fault.law) }
                    td.n { (thin.cases.0.map_or("–".to_owned(), |cases| cases.to_string())) }
                    td.n { (thin.fault.cases) }
                    td.n { (format!("{:.1e}", thin.miss.chance)) }
                    td.n { (format!("{:.1e}", thin.miss.most)) }
                }
            }
        } }))
    }
}
