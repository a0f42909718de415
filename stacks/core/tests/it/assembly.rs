use crate::support::{Topic, stack};
use como_core::app::App;

#[test]
fn the_manifest_is_what_the_cdk_cli_reads() {
    let mut base = stack("base");
    let topic = base.scope().child("Alarms").add("Topic", Topic::called("x"));
    let mut top = stack("top");
    top.scope().add("Reader", Topic::called(topic.reference()));
    let mut app = App::new();
    app.add(top);
    app.add(base);
    let files = app.synthesise().unwrap().files().unwrap();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["como-test-base.template.json", "como-test-top.template.json", "manifest.json"]);
    insta::assert_snapshot!(files["manifest.json"]);
}
