//! The comparison as a page with pictures, that shows without a network, in print and on a dark screen.

use maud::{Markup, html};
use partproof_page::wide;

use crate::measure::{Sample, float};
use crate::report::{Bench, Growth, Row};
use crate::verdict::Verdict;

const WIDTH: f64 = 640.0;
/// Where the names of rows end and the picture begins.
const LEFT: f64 = 170.0;

/// Writes the page.
pub fn page(bench: &Bench) -> String {
    let machine = &bench.machine;
    let content = html! {
        h1 { (bench.headline()) }
        p { (bench.new) " against " (bench.old) @if bench.is_baseline { ", as it was measured before" } }
        h2 { "Ratios" }
        p { "New to old, with the interval of 95 %. Above the band a row is slower; the band is the larger of the change that is to be seen and the machine's own noise." }
        (wide("Ratios", &forest(bench)))
        h2 { "Samples" }
        p { "Each turn, in the order of time: above the new one, below the old one. Across, nanoseconds for one time." }
        (wide("Samples", &html! { @for row in bench.rows.iter().filter(|row| !row.samples.new.is_empty()) { (strip(row)) } }))
        @let growth = bench.growth();
        @if !growth.is_empty() {
            h2 { "Growth" }
            p { "Time over parts, both logarithmic. An exponent of 1 is in proportion, one of 2 is quadratic." }
            (wide("Growth", &html! { @for growth in &growth { (curve(growth)) } }))
        }
        h2 { "Rows" }
        (wide("Rows", &table(bench)))
        p {
            (machine.processor) ", " (machine.cores) " cores, " (machine.system) ". One core: about "
            (format!("{:.1}", bench.limits.ctr() / 1e9)) " GB/s of AES-256-CTR at an estimated clock of "
            (format!("{:.2}", bench.limits.clock / 1e9)) " GHz, copies " (format!("{:.1}", bench.limits.copy / 1e9)) " GB/s, MD5 "
            (format!("{:.2}", bench.limits.md5 / 1e9)) " GB/s."
        }
        @if let Some(history) = &bench.history {
            pre { (history.lines().join("\n")) }
        }
    };
    partproof_page::page(&bench.headline(), &content, None)
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Regressed | Verdict::Void => "bad",
        Verdict::Passed => "good",
        Verdict::Inconclusive | Verdict::NotDeclared | Verdict::Told => "other",
    }
}

/// A number for a picture.
fn at(number: f64) -> String {
    format!("{number:.1}")
}

/// A row a line: its ratio, the interval, and the band in which nobody can tell.
fn forest(bench: &Bench) -> Markup {
    let rows: Vec<&Row> = bench
        .rows
        .iter()
        .filter(|row| row.ratio.is_some())
        .collect();
    let reach = rows
        .iter()
        .filter_map(|row| row.ratio)
        .map(|ratio| ratio.high.ln().abs().max(ratio.low.ln().abs()))
        .fold(0.2_f64.ln_1p(), f64::max);
    let x = |ratio: f64| LEFT + (WIDTH - LEFT) * (ratio.ln() / reach * 0.48 + 0.5);
    let height = 24.0 * float(u64::try_from(rows.len()).unwrap_or_default()) + 30.0;
    let ticks = [0.25, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 4.0];
    let ticks = ticks
        .into_iter()
        .filter(|tick: &f64| tick.ln().abs() <= reach * 1.04);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label="Ratios of new to old" {
            @for tick in ticks {
                line x1=(at(x(tick))) x2=(at(x(tick))) y1="0" y2=(at(height - 22.0)) stroke="currentColor" stroke-opacity=(if tick == 1.0 { "0.6" } else { "0.15" }) {}
                text.s x=(at(x(tick))) y=(at(height - 6.0)) text-anchor="middle" { (tick) }
            }
            @for (line, row) in (0_u64..).zip(&rows) {
                @let y = 24.0 * float(line) + 14.0;
                text x="0" y=(at(y + 4.0)) { (row.name) }
                @if let Some(threshold) = row.threshold {
                    rect x=(at(x(1.0 / threshold))) width=(at(x(threshold) - x(1.0 / threshold))) y=(at(y - 9.0)) height="18" fill="var(--band)" {}
                }
                @if let Some(ratio) = row.ratio {
                    g class=(class(row.verdict)) {
                        line x1=(at(x(ratio.low))) x2=(at(x(ratio.high))) y1=(at(y)) y2=(at(y)) stroke-width="2" {}
                        circle cx=(at(x(ratio.middle))) cy=(at(y)) r="4" {
                            title { (row.name) ": " (format!("{:.3} ({:.3} to {:.3})", ratio.middle, ratio.low, ratio.high)) }
                        }
                    }
                }
            }
        }
    }
}

/// Every sample of a row.
fn strip(row: &Row) -> Markup {
    let times = |samples: &[Sample]| -> Vec<f64> {
        samples.iter().map(|sample| row.by.of(sample)).collect()
    };
    let (new, old) = (times(&row.samples.new), times(&row.samples.old));
    let all = || new.iter().chain(&old);
    let (least, most) = (
        all().copied().fold(f64::INFINITY, f64::min),
        all().copied().fold(0.0, f64::max),
    );
    let x = |time: f64| LEFT + (WIDTH - LEFT - 10.0) * ((time - least) / (most - least).max(1.0));
    html! {
        svg viewBox=(format!("0 0 {WIDTH} 44")) role="img" aria-label=(format!("Samples of {}", row.name)) {
            text x="0" y="24" { (row.name) }
            @for (side, (name, times)) in [("new", &new), ("old", &old)].into_iter().enumerate() {
                @let y = if side == 0 { 10.0 } else { 28.0 };
                g class=(name) {
                    @for (turn, time) in (0_u64..).zip(times) {
                        circle cx=(at(x(*time))) cy=(at(y + 8.0 * float(turn) / 60.0)) r="1.6" fill-opacity="0.6" {}
                    }
                }
            }
            text.s x=(at(LEFT)) y="43" style="font-size:9px" { (format!("{least:.0} ns")) }
            text.s x=(at(WIDTH - 10.0)) y="43" text-anchor="end" style="font-size:9px" { (format!("{most:.0} ns")) }
        }
    }
}

/// What a piece costs over parts, of both.
fn curve(growth: &Growth) -> Markup {
    const HEIGHT: f64 = 200.0;
    let all = || growth.new.iter().chain(&growth.old);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let each = all().map(of).map(f64::ln);
        each.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), one| {
            (least.min(one), most.max(one))
        })
    };
    let ((left, right), (low, high)) = (range(|point| point.0), range(|point| point.1));
    let x =
        |parts: f64| LEFT + (WIDTH - LEFT - 40.0) * (parts.ln() - left) / (right - left).max(1e-9);
    let y =
        |time: f64| HEIGHT - 30.0 - (HEIGHT - 50.0) * (time.ln() - low) / (high - low).max(1e-9);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(format!("Growth of {}", growth.piece)) {
            text x="0" y="20" { (growth.piece) }
            @if let Some((new, old)) = growth.exponents() {
                text.s x="0" y="38" { (format!("exponent {new:.2}")) }
                text.s x="0" y="54" { (format!("old {old:.2}")) }
            }
            @for (name, points) in [("old", &growth.old), ("new", &growth.new)] {
                g class=(name) {
                    polyline style="fill:none" stroke-width="2" points=(points.iter().map(|(parts, time)| format!("{},{}", at(x(*parts)), at(y(*time)))).collect::<Vec<_>>().join(" ")) {}
                    @for (parts, time) in points {
                        circle cx=(at(x(*parts))) cy=(at(y(*time))) r="3" { title { (format!("{parts} parts: {time:.0} ns")) } }
                    }
                }
            }
            @for (parts, _) in &growth.new {
                text.s x=(at(x(*parts))) y=(at(HEIGHT - 8.0)) text-anchor="middle" { (parts) }
            }
        }
    }
}

fn table(bench: &Bench) -> Markup {
    html! {
        table {
            tr { th { "row" } th { "verdict" } th { "new" } th { "old" } th { "by" } th { "pairs" } th { "noise" } th { "could be seen" } th { "limit" } th {} }
            @for row in &bench.rows {
                tr {
                    td { (row.name) }
                    td class=(class(row.verdict)) { (row.verdict) }
                    @let medians = row.medians();
                    td.n { (medians.map_or("-".to_owned(), |(new, _)| crate::report::time(new))) }
                    td.n { (medians.map_or("-".to_owned(), |(_, old)| crate::report::time(old))) }
                    td { (row.by) }
                    td.n { (row.pairs) }
                    td.n { (row.noise.map_or("-".to_owned(), |noise| format!("{noise:.3}"))) }
                    td.n { (row.visible.map_or("-".to_owned(), |visible| format!("{visible:.3}"))) }
                    td.n { (row.share(&bench.limits).map_or("-".to_owned(), |(share, of)| format!("{:.0} % {of}", share * 100.0))) }
                    td { (row.reason.as_deref().unwrap_or_default()) }
                }
            }
        }
    }
}
