//! The little XML that S3 needs.

use crate::services::wire::escape;

/// The contents of every element of a name, in order; none of S3's requests nests a name in itself.
pub(super) fn elements(text: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&open) {
        rest = after;
        // `<Key` also begins `<KeyMarker`.
        let Some((attributes, content)) = after.split_once('>') else { break };
        if !(attributes.is_empty() || attributes.starts_with([' ', '/', '\n'])) {
            continue;
        }
        if attributes.ends_with('/') {
            found.push(String::new());
            continue;
        }
        let Some((content, remainder)) = content.split_once(&close) else { break };
        found.push(content.to_owned());
        rest = remainder;
    }
    found
}

/// The text of the first element of a name.
pub(in crate::services) fn text(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).into_iter().next().map(|text| unescape(text.trim()))
}

pub(super) fn element(name: &str, value: impl AsRef<str>) -> String {
    format!("<{name}>{}</{name}>", escape(value.as_ref()))
}

pub(super) fn document(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{root}>"
    )
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{elements, text};

    #[test]
    fn elements_are_found_by_their_whole_name() {
        let xml = "<Delete xmlns=\"x\"><KeyMarker>no</KeyMarker><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object><Quiet/></Delete>";
        assert_eq!(elements(xml, "Key"), ["a&amp;b", "c"]);
        assert_eq!(text(xml, "Key").as_deref(), Some("a&b"));
        assert_eq!(elements(xml, "Object").len(), 2);
        assert_eq!(elements(xml, "Quiet"), [""]);
    }
}
