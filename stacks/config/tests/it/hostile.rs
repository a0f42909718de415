//! Whatever the bytes, the answer is an environment or mistakes: no panic, and bounded work.

use como_config::{Code, MAX_BYTES, Mistakes, ReadError, Siblings, parse, parse_bytes, read};
use proptest::prelude::*;

use crate::PRODUCTION;

fn codes(mistakes: &Mistakes) -> Vec<Code> {
    mistakes.into_iter().map(|mistake| mistake.code).collect()
}

#[test]
fn a_file_that_is_too_large_is_not_looked_at() {
    let bytes = vec![b'\xFF'; 50 << 20];
    assert_eq!(codes(&parse_bytes("prod.yaml", &bytes, &Siblings::default()).unwrap_err()), [Code::TooLarge]);
    assert_eq!(codes(&parse("prod.yaml", &"a".repeat(MAX_BYTES + 1)).unwrap_err()), [Code::TooLarge]);
}

#[test]
fn an_endless_source_is_left_after_the_limit() {
    let outcome = read("prod.yaml", std::io::repeat(b'a'), &Siblings::default());
    let Err(ReadError::Mistakes(mistakes)) = outcome else { panic!("an endless file was read") };
    assert_eq!(codes(&mistakes), [Code::TooLarge]);
}

#[test]
fn bytes_that_are_not_utf8_are_shown_where_they_are() {
    let bytes = [PRODUCTION.as_bytes(), b"# caf\xE9\n"].concat();
    let mistakes = parse_bytes("prod.yaml", &bytes, &Siblings::default()).unwrap_err();
    let mistake = mistakes.as_slice().first().unwrap();
    assert_eq!((mistake.code, mistake.line, mistake.column), (Code::NotUtf8, PRODUCTION.lines().count() + 1, 6));
}

#[test]
fn a_bomb_of_aliases_does_not_go_off() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let mistakes = parse("prod.yaml", &bomb).unwrap_err();
    assert!(codes(&mistakes).contains(&Code::Unsupported));
}

#[test]
fn a_flood_of_mistakes_is_counted() {
    let flood: String = (0..5000).map(|number| format!("key{number}: 1\n")).collect();
    let mistakes = parse("prod.yaml", &flood).unwrap_err();
    assert_eq!((mistakes.as_slice().len(), mistakes.more()), (100, 4910));
}

#[test]
fn large_files_of_nothing_end_soon() {
    for unit in [
        "[",
        "{",
        "a: ",
        "- ",
        "? ",
        "&a ",
        "*a ",
        "!a ",
        "\"",
        "'",
        "|\n",
        "#\n",
        "a: 1\n",
        "[],",
        "\t",
        "---\n",
        "%TAG ! a\n",
    ] {
        let text = unit.repeat(MAX_BYTES / unit.len());
        assert!(parse("prod.yaml", &text).is_err(), "{unit:?}");
    }
}

#[test]
fn a_file_cannot_write_to_the_terminal() {
    let text = "\"\u{1b}[2Jname\": \"\u{1b}]0;title\u{7}\"\n\"a\u{202E}b\": 1\n";
    let mistakes = parse("\u{1b}[31mprod.yaml", text).unwrap_err();
    let style = como_config::Style { colour: como_config::Colour::Plain, width: 80 };
    let shown = mistakes.render(style) + &mistakes.to_string();
    assert!(
        shown.chars().all(|character| character == '\n' || !(character.is_control() || character == '\u{202E}')),
        "{shown:?}"
    );
}

#[test]
fn long_values_do_not_make_long_reports() {
    let long = "7".repeat(500_000);
    for text in [
        format!("name: {long}"),
        format!("services: {{accounts: {{cpu: \"{long}\", tasks: {long}}}}}"),
        format!("domain: HTTPS://A.{long}.example"),
        format!("\"{long}\": {long}"),
        format!("partners: {{memberson: {{endpoint: \"http://{long}.example\"}}}}"),
    ] {
        let mistakes = parse("prod.yaml", &text).unwrap_err();
        let report = serde_json::to_string(&mistakes).unwrap();
        assert!(report.len() < 20_000, "{} bytes", report.len());
    }
}

fn check(bytes: &[u8]) {
    for width in [0, 40, 80] {
        if let Err(mistakes) = parse_bytes("prod.yaml", bytes, &Siblings::default()) {
            assert!(!mistakes.as_slice().is_empty());
            let style = como_config::Style { colour: como_config::Colour::Ansi, width };
            assert!(!mistakes.render(style).is_empty());
            serde_json::to_string(&mistakes).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn any_text_of_yamls_own_signs_is_answered(text in "[-a:{}\\[\\]?&*!|>'\"%@`#, \\n\\t\\r\u{FEFF}é0]{0,120}") {
        check(text.as_bytes());
    }

    #[test]
    fn production_with_any_damage_is_answered(at in 0..PRODUCTION.len(), length in 0..40usize, with in "\\PC{0,8}|[\\n\\t: {}]{0,4}") {
        let end = PRODUCTION.floor_char_boundary(at + length);
        let start = PRODUCTION.floor_char_boundary(at).min(end);
        let mut text = PRODUCTION.to_owned();
        text.replace_range(start..end, &with);
        check(text.as_bytes());
    }
}
