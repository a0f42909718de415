//! The forms in which `como cost` answers.

use crate::support::Place;
use serde_json::Value;

fn total(report: &Value, name: &str) -> String {
    report["environments"][name]["total"].as_str().unwrap().to_owned()
}

#[test]
fn csv_has_every_line_and_the_total_to_the_cent() {
    let place = Place::new();
    let csv = place.run(&["cost", "--format", "csv"]).stdout;
    let report = place.json(&["cost"]);
    for name in ["prod", "dev", "sydney"] {
        let total = total(&report, name);
        assert!(csv.contains(&format!("{name},total,,,,,,,,{total},USD,,")), "{name} {total}\n{csv}");
        for line in report["environments"][name]["lines"].as_array().unwrap() {
            let id = line["id"].as_str().unwrap();
            assert!(csv.contains(&format!("{name},line,{id},")), "{id}");
        }
    }
    assert!(csv.lines().all(|line| 13 <= line.split(',').count()), "{csv}");
}

#[test]
fn markdown_is_a_comment_that_a_workflow_finds_again() {
    let place = Place::new();
    place.run(&["cost", "--save", "month.json"]);
    place.edit("prod", "nat_gateways: 2", "nat_gateways: 1");
    let text = place.run(&["cost", "--format", "markdown", "--against", "month.json"]).stdout;
    assert!(text.starts_with("<!-- como cost -->\n"), "{text}");
    assert!(text.contains("ZoneBNatGateway") && text.contains("no change"), "{text}");
    assert!(text.contains(&total(&place.json(&["cost"]), "prod")), "{text}");
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}

#[test]
fn the_page_stands_by_itself_and_has_every_chart() {
    let place = Place::new();
    let said = place.run(&["cost", "-o", "cost.html"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let page = fs_err::read_to_string(place.path("cost.html")).unwrap();
    for part in
        ["Services by environment", "from the proposal to today", "the years from now on", "to be able to recover"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(6 <= page.matches("<svg ").count());
    for foreign in ["<script", "src=", "href=", "@import", "url(", "http"] {
        assert!(!page.contains(foreign), "{foreign} would have to be fetched or run");
    }
    assert!(page.contains(&total(&place.json(&["cost"]), "prod")));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@page { size: A4"));
    let open = page.matches("<section>").count();
    assert_eq!(open, page.matches("</section>").count());
}

#[test]
fn a_page_shows_texts_of_files_as_texts() {
    let place = Place::new();
    let source = "source: 'assumption: 10 KB an answer'";
    place.edit("prod", source, "source: 'assumption: <script>alert(1)</script>'");
    let page = place.run(&["cost", "prod", "--format", "html"]).stdout;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script"), "markup came through");
}

#[test]
fn a_workbook_is_written_where_it_is_asked_for() {
    let place = Place::new();
    assert_eq!(place.run(&["cost", "-o", "cost.xlsx"]).code, 0);
    let bytes = fs_err::read(place.path("cost.xlsx")).unwrap();
    assert!(bytes.starts_with(b"PK\x03\x04"), "a workbook is a ZIP file");
    let unknown = place.run(&["cost", "-o", "cost.pdf"]);
    assert_eq!(unknown.code, 64);
    assert!(unknown.stderr.contains(".xlsx"), "{}", unknown.stderr);
}

#[test]
fn another_currency_needs_its_rate_and_its_day() {
    let place = Place::new();
    let rate = ["--currency", "SGD", "--rate", "1.34", "--rate-date", "2021-11-30"];
    let report = place.json(&[&["cost", "--proposal"][..], &rate].concat());
    assert_eq!(report["environments"]["prod"]["total"], "351.98");
    assert_eq!(report["environments"]["prod"]["converted_total"], "471.65");
    assert_eq!(report["conversion"]["rate"], "1.34");
    let table = place.run(&[&["cost", "--proposal"][..], &rate].concat());
    assert!(table.stdout.contains("total in SGD"), "{}", table.stdout);
    assert!(table.stderr.contains("SGD at 1.34 a dollar, the rate of 2021-11-30"), "{}", table.stderr);
    assert_eq!(place.run(&["cost", "--currency", "SGD"]).code, 64);
    assert_eq!(place.run(&["cost", "--currency", "sgd", "--rate", "1", "--rate-date", "2021-11-30"]).code, 64);
}
