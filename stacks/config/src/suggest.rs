//! "Did you mean": the nearest of the accepted words.

/// The accepted word that a slip of the hand could have turned into `written`; none when all are far away.
pub(crate) fn nearest<'a>(written: &str, accepted: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let written: Vec<char> = written.chars().take(LONGEST).flat_map(char::to_lowercase).collect();
    accepted
        .into_iter()
        .map(|word| (distance(&written, &word.chars().collect::<Vec<_>>()), word))
        .filter(|(distance, word)| *distance <= (word.chars().count().max(written.len()) / 3).clamp(1, 4))
        .filter(|(distance, word)| *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein's distance: insertions, deletions and replacements that turn one word into the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, left) in from.iter().enumerate() {
        let mut previous = line + 1;
        let mut diagonal = line;
        let mut next = vec![previous];
        for (above, right) in row.iter().skip(1).zip(to) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *above;
            previous = replaced.min(above + 1).min(previous + 1);
            next.push(previous);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        let keys = ["cpu", "memory", "tasks", "scaling"];
        let check = |written: &str, expected: Option<&str>| assert_eq!(nearest(written, keys), expected, "{written}");
        check("cpus", Some("cpu"));
        check("Memory", Some("memory"));
        check("memroy", Some("memory"));
        check("task", Some("tasks"));
        check("autoscaling", None);
        check("x", None);
        check("", None);
    }
}
