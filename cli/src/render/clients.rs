//! How to point other people's clients at the rehearsal cloud; `docs/rehearsal.md` says the same at length.

/// Production's region; a client may name another.
const REGION: &str = "ap-southeast-1";

/// Lines for a POSIX shell, with what every AWS client reads.
pub(crate) fn exports(endpoint: &str) -> String {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "rehearsal"),
        ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
        ("AWS_REGION", REGION),
        // The AWS CLI and boto3 read this one.
        ("AWS_DEFAULT_REGION", REGION),
        // Else some look for a machine in EC2 first.
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let lines: Vec<String> = variables.iter().map(|(name, value)| format!("export {name}={value}")).collect();
    lines.join("\n")
}

/// What each client needs, to be read by a person.
pub(crate) fn guide(endpoint: &str) -> String {
    let exports = exports(endpoint).replace('\n', "\n    ");
    format!(
        r#"
The AWS CLI, boto3 and every other SDK read these variables (`eval "$(como rehearsal serve --exports)"` sets them):

    {exports}

CDK reads them too. It deploys an assembly without assets, and needs no bootstrap:

    como synth prod && cdk deploy -a como.out como-prod-data

Terraform and OpenTofu read them too, and want one line more for buckets:

    provider "aws" {{
      s3_use_path_style = true
    }}

`como rehearsal stop` ends it."#
    )
}
