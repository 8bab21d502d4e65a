//! Drawings of a finding: each an SVG with a name and a description, in a box that scrolls where the screen is narrow.

use maud::{Markup, html};
use partproof_page::wide;
use partproof_suite::{Drawing, Exchanged, ListDrawing, ListEntry};

use super::exchange::headline;

const WIDTH: f64 = 640.0;

/// Numbers of a picture are small, or need no more digits than this keeps.
#[allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a pixel is coarser"
)]
fn float(number: u64) -> f64 {
    number as f64
}

fn size(length: usize) -> f64 {
    float(u64::try_from(length).unwrap_or(u64::MAX))
}

fn at(number: f64) -> String {
    format!("{number:.1}")
}

/// An SVG of this height, under a name, with what it shows in words.
fn svg(id: &str, name: &str, description: &str, height: f64, content: &Markup) -> Markup {
    let (title, told) = (format!("{id}-title"), format!("{id}-told"));
    wide(
        name,
        &html! {
            svg viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img" aria-labelledby=(format!("{title} {told}")) {
                title id=(title) { (name) }
                desc id=(told) { (description) }
                (content)
            }
        },
    )
}

/// The object's parts in a line: where bytes are wrong, for which place they would be right, and the keystream that both have.
pub(super) fn object(id: &str, drawing: &Drawing) -> Markup {
    const GAP: f64 = 26.0;
    let shown = drawing.shown();
    let mut cells = Vec::new();
    let gaps = shown.windows(2).filter(|pair| pair[1] > pair[0] + 1);
    let width = (WIDTH - 20.0 - GAP * size(gaps.count())) / size(shown.len().max(1));
    let (mut x, mut before) = (10.0, 0);
    for number in shown {
        if number > before + 1 && before > 0 {
            x += GAP;
        }
        cells.push((number, x));
        x += width;
        before = number;
    }
    let place = |byte: u64| {
        let number = drawing.number(byte);
        let within = float(byte % drawing.part_size.max(1)) / float(drawing.part_size.max(1));
        let within = if number > drawing.count { 0.0 } else { within };
        let cell = cells.iter().find(|(one, _)| *one == number)?;
        Some((cell.1 + width * within, cell.1 + width))
    };
    let wrong = drawing.wrong.and_then(place);
    let instead = drawing.instead.and_then(place);
    let anchor = |x: f64| match x {
        ..200.0 => "start",
        440.0.. => "end",
        _ => "middle",
    };
    let lines = drawing.lines.iter();
    let lines: Vec<&str> = lines
        .map(|line| line.trim_start_matches(['x', '^']).trim_start())
        .collect();
    let told = lines.join("; ").replace(":; ", ": ") + ".";
    // Of keystream that is shared only its blocks, else all that follows.
    let blocks = drawing
        .shared
        .map(|[first, last]| float(last.saturating_sub(first) + 1) * 16.0);
    let reach = |(x, end): (f64, f64)| {
        let room = end - x;
        let bytes = blocks.map(|bytes| width * bytes / float(drawing.part_size.max(1)));
        at(bytes.map_or(room, |bytes| bytes.min(room)).max(3.0))
    };
    let picture = html! {
        @for pair in cells.windows(2).filter(|pair| pair[1].0 > pair[0].0 + 1) {
            text.s x=(at(pair[1].1 - GAP / 2.0)) y="68" text-anchor="middle" { "…" }
        }
        @for (number, x) in &cells {
            @let is_none = *number > drawing.count;
            rect x=(at(*x)) y="46" width=(at(width)) height="36" fill="none" class="grid" stroke-dasharray=[is_none.then_some("4 3")] {}
            text x=(at(*x + width / 2.0)) y="68" text-anchor="middle" { @if is_none { "no part" } @else { "part " (number) } }
        }
        @if let Some((x, end)) = wrong {
            rect.bad x=(at(x)) y="46" width=(reach((x, end))) height="36" fill-opacity="0.25" {}
            line.bad x1=(at(x)) x2=(at(x)) y1="40" y2="88" stroke-width="2" {}
            text.bad x=(at(x)) y="104" text-anchor=(anchor(x)) { "wrong from byte " (drawing.wrong.unwrap_or(0)) }
        }
        @if let Some((x, end)) = instead {
            @if drawing.shared.is_some() { rect.bad x=(at(x)) y="46" width=(reach((x, end))) height="36" fill-opacity="0.25" {} }
            line.new x1=(at(x)) x2=(at(x)) y1="40" y2="88" stroke-width="2" {}
            text.new x=(at(x)) y="120" text-anchor=(anchor(x)) { "right for byte " (drawing.instead.unwrap_or(0)) }
            @if let Some((from, _)) = wrong {
                path.new d=(format!("M{from:.1},40 Q{:.1},0 {x:.1},36", (from + x) / 2.0)) style="fill:none" stroke-width="1.5" {}
                polygon.new points=(format!("{x:.1},40 {:.1},31 {:.1},31", x - 4.0, x + 4.0)) {}
            }
        }
        @if let Some([first, last]) = drawing.shared {
            text.bad x="10" y="138" { "shared keystream: " @if first == last { "block " (first) } @else { "blocks " (first) " to " (last) } }
        }
    };
    html! {
        (svg(&format!("{id}-object"), "The object's parts and what is wrong in them", &told, 144.0, &picture))
        p { (told) }
    }
}

const ROW: f64 = 26.0;

/// The part list that should have been sent, and beside it the one that was.
pub(super) fn list(id: &str, list: &ListDrawing) -> Markup {
    let (expected, sent) = (&list.expected, &list.sent);
    let rows = expected.len().max(sent.len());
    let top = |row: usize| 30.0 + ROW * size(row);
    let numbers = |entries: &[ListEntry]| {
        let wrong = entries.iter().filter(|entry| entry.wrong);
        let numbers: Vec<String> = wrong.map(|entry| entry.number.to_string()).collect();
        match numbers.is_empty() {
            true => "none".to_owned(),
            false => numbers.join(", "),
        }
    };
    let told = format!(
        "Expected {} parts, sent {}. Not sent: {}. Sent and wrong there: {}.",
        list.expected_count,
        list.sent_count,
        numbers(expected),
        numbers(sent)
    );
    let column = |x: f64, entries: &[ListEntry], count: u64| {
        html! {
            @for (row, entry) in entries.iter().enumerate() {
                rect class=(if entry.wrong { "bad" } else { "grid" }) x=(at(x)) y=(at(top(row))) width="260" height=(at(ROW - 6.0)) style="fill:none" {}
                text class=[entry.wrong.then_some("bad")] x=(at(x + 8.0)) y=(at(top(row) + 14.0)) {
                    @if entry.wrong { "✗ " } (entry.number) "  " (entry.etag)
                }
            }
            @let shown = list.before + u64::try_from(entries.len()).unwrap_or(0);
            @if shown < count { text.s x=(at(x + 8.0)) y=(at(top(rows) + 12.0)) { "and " (count - shown) " more" } }
        }
    };
    let picture = html! {
        text.s x="10" y="18" { "expected: " (list.expected_count) " parts" @if list.before > 0 { ", those behind the first " (list.before) } }
        text.s x="370" y="18" { "sent: " (list.sent_count) " parts" }
        @for (row, entry) in expected.iter().enumerate() {
            @for (other, _) in sent.iter().enumerate().filter(|(_, other)| other.number == entry.number) {
                line.(if row == other { "grid" } else { "other" }) x1="270" x2="370" y1=(at(top(row) + 10.0)) y2=(at(top(other) + 10.0)) {}
            }
        }
        (column(10.0, expected, list.expected_count))
        (column(370.0, sent, list.sent_count))
    };
    html! {
        (svg(&format!("{id}-list"), "The part list as it was sent against the expected one", &told, top(rows) + 20.0, &picture))
        p { (told) }
    }
}

/// Client and service, and what went between them.
pub(super) fn exchange(id: &str, exchanges: &[Exchanged]) -> Markup {
    const STEP: f64 = 44.0;
    const LONGEST: usize = 62;
    let (client, service) = (50.0, WIDTH - 50.0);
    let height = 40.0 + STEP * size(exchanges.len());
    let cut = |text: String| match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    };
    let meant = exchanges.iter().find(|one| one.is_meant);
    let meant = meant.map(|one| format!("The one that is meant: {}.", headline(one)));
    let told = meant.unwrap_or_else(|| {
        "No request was refused; what is wrong is in what was sent, stored or said.".to_owned()
    });
    let picture = html! {
        text x=(at(client)) y="14" text-anchor="middle" { "client" }
        text x=(at(service)) y="14" text-anchor="middle" { "service" }
        @for x in [client, service] { line.grid x1=(at(x)) x2=(at(x)) y1="20" y2=(at(height)) {} }
        @for (row, one) in exchanges.iter().enumerate() {
            @let y = 44.0 + STEP * size(row);
            @let class = if one.is_meant { "bad" } else { "other" };
            @let missing = one.number - row.checked_sub(1).map_or(0, |before| exchanges[before].number) - 1;
            @if missing > 0 { text.s x="4" y=(at(y - 12.0)) { "(" (missing) " more)" } }
            text class=[one.is_meant.then_some("bad")] x=(at(client + 10.0)) y=(at(y - 4.0)) {
                @if one.is_meant { "✗ " } (cut(format!("{} {} {}", one.number, one.method, one.target)))
            }
            line class=(class) x1=(at(client)) x2=(at(service - 6.0)) y1=(at(y)) y2=(at(y)) {}
            polygon class=(class) points=(format!("{:.1},{y:.1} {:.1},{:.1} {:.1},{:.1}", service, service - 8.0, y - 4.0, service - 8.0, y + 4.0)) {}
            @let back = y + 18.0;
            text class=[one.is_meant.then_some("bad")] x=(at(service - 12.0)) y=(at(back - 4.0)) text-anchor="end" { (one.outcome()) }
            @if one.answer.is_some() {
                line class=(class) x1=(at(client + 6.0)) x2=(at(service)) y1=(at(back)) y2=(at(back)) stroke-dasharray="5 4" {}
                polygon class=(class) points=(format!("{client:.1},{back:.1} {:.1},{:.1} {:.1},{:.1}", client + 8.0, back - 4.0, client + 8.0, back + 4.0)) {}
            }
        }
    };
    html! {
        (svg(&format!("{id}-exchange"), "The exchange between client and service", &told, height, &picture))
        p { (told) }
    }
}
