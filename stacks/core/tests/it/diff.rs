use como_core::diff::diff;
use serde_json::json;

#[test]
fn a_difference_is_shown_property_by_property() {
    let before = json!({
        "Description": "old",
        "Resources": {
            "Kept": { "Type": "T", "Properties": { "A": 1, "Tags": [{ "Key": "k", "Value": "v" }] } },
            "Gone": { "Type": "T" },
        },
    });
    let after = json!({
        "Description": "new",
        "Resources": {
            "Kept": { "Type": "T", "Properties": { "A": 2, "Tags": [{ "Key": "k", "Value": "w" }, { "Key": "x" }] } },
            "Come": { "Type": "U" },
        },
        "Outputs": { "O": { "Value": "1" } },
    });
    let changes = diff(&before, &after);
    insta::assert_snapshot!(changes.to_string());
    assert!(diff(&after, &after).is_empty());
}
