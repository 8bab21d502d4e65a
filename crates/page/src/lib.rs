//! The frame and the look of every page: one file that needs nothing beside it, no font, no network; for a phone, in print, on a dark screen, by keyboard
//! and screen reader. What is foreign in it is escaped.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use partproof_visible::visible_lines;

const STYLE: &str = include_str!("style.css");

/// A page of this title and content. The content needs none of the script.
pub fn page(title: &str, content: &Markup, script: Option<&'static str>) -> String {
    // It may ask for nothing, whatever has got into it.
    let policy = match script {
        Some(_) => "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
        None => "default-src 'none'; style-src 'unsafe-inline'",
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (content) }
                @if let Some(script) = script { script { (PreEscaped(script)) } }
            }
        }
    };
    visible_lines(&page.into_string()) + "\n"
}

/// What may be wider than a screen, in a box of its own that a keyboard can scroll.
pub fn wide(name: &str, content: &Markup) -> Markup {
    html! { div.wide role="region" aria-label=(name) tabindex="0" { (content) } }
}

/// The share of a bar, as an attribute `style`.
pub fn share(of: u64, all: u64) -> String {
    // Percent of percent: a bar has no more pixels.
    let share = u128::from(of.min(all)) * 10_000 / u128::from(all.max(1));
    format!("--share:{}.{:02}%", share / 100, share % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_foreign_is_text_and_nothing_is_asked_for() {
        let hostile = "</title><script>alert(1)</script>\u{202e}";
        let page = page(hostile, &html! { p { (hostile) } }, None);
        assert!(
            !page.contains("<script") && !page.contains('\u{202e}'),
            "{page}"
        );
        assert!(
            page.contains("default-src 'none'") && !page.contains("http://"),
            "{page}"
        );
    }

    #[test]
    fn a_share_is_no_more_than_all() {
        assert_eq!(share(1, 3), "--share:33.33%");
        assert_eq!(share(7, 0), "--share:0.00%");
        assert_eq!(share(u64::MAX, u64::MAX), "--share:100.00%");
    }
}
