//! Reads the few elements of small XML documents that are asked for, by their names.

/// The text of the first element with this name.
pub(crate) fn text(document: &str, name: &str) -> Option<String> {
    elements(document, name).next().map(unescape)
}

/// The content of every element with this name that holds none of the same name.
pub(crate) fn elements<'d>(document: &'d str, name: &str) -> impl Iterator<Item = &'d str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = document;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (content, after) = after.split_once(&close)?;
        rest = after;
        Some(content)
    })
}

fn unescape(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

/// Text for the inside of an element.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let document = "<R><Code>a</Code><item><id>1</id></item><item><id>2</id></item><M>x &amp;lt; y</M></R>";
        assert_eq!(text(document, "Code").as_deref(), Some("a"));
        assert_eq!(text(document, "M").as_deref(), Some("x &lt; y"));
        assert_eq!(text(document, "None"), None);
        let ids: Vec<_> = elements(document, "item").filter_map(|item| text(item, "id")).collect();
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(escape("a<&>"), "a&lt;&amp;&gt;");
    }
}
