//! What was perhaps meant by a name that nobody knows.

/// The known names that are like a given one, to be said after what it is not; nothing if none is.
pub fn near(given: &str, known: impl Iterator<Item = String>) -> String {
    proposed(&nearest(given, known))
}

/// Proposes names.
pub(crate) fn proposed(names: &[String]) -> String {
    match names.is_empty() {
        true => String::new(),
        false => format!(": did you mean {}?", names.join(" or ")),
    }
}

/// The known names that are like a given one, the likest first, three at most.
pub(crate) fn nearest(given: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let given = given.to_lowercase();
    let likeness = |known: &String| strsim::jaro_winkler(&given, &known.to_lowercase());
    let mut near: Vec<String> = known.filter(|known| likeness(known) > 0.85).collect();
    near.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
    near.dedup();
    near.truncate(3);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_proposed_and_nothing_far() {
        let known = || ["plan-count", "plan-tiles", "upload"].map(str::to_owned);
        assert_eq!(
            near("plan-cuont", known().into_iter()),
            ": did you mean plan-count?"
        );
        assert_eq!(near("zzz", known().into_iter()), "");
    }
}
