//! What must not compile. All cases fail, so that trybuild only checks the crate and builds nothing.

#[test]
fn unknown_and_missing_properties_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile/missing_required.rs");
    cases.compile_fail("tests/compile/unknown_property.rs");
    cases.compile_fail("tests/compile/wrong_enum.rs");
}
