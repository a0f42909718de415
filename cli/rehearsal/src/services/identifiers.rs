//! Identifiers that look as AWS makes them, and are a function of the resource alone.

use crate::provision::CreateRequest;
use crate::services::property;
use sha2::{Digest, Sha256};

/// Fills the placeholders of a pattern:
/// `{region}`, `{account}`, `{stack}`, `{ref}` (the physical identifier), `{name:Property}` (the property's text, else a
/// name such as CloudFormation makes), `{prop:Property}` (the property's text or nothing), `{head:Property}` (the same up
/// to a bar), `{tail:Property}` (the same after the last slash), `{host:Property}` (a URL without its scheme),
/// `{generated}` (such a name whatever the properties are), `{path}` (an IAM path), `{apizone}` (the hosted zone of the
/// region's API domains), `{webscope}` (of a web ACL), `{key}` (a KMS key, multi-region or not), and from the resource's hash
/// `{hex:N}`, `{letters:N}` (lower case and digits), `{mixed:N}` (letters and digits), `{capitals:N}`, `{uuid}`, `{ip}`;
/// a label after another colon gives a second one of the same form, for example `sg-{hex:17:default}`.
pub(crate) fn fill(pattern: &str, request: &CreateRequest, physical_id: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((placeholder, tail)) = after.split_once('}') else { break };
        out.push_str(&placeholder_value(placeholder, request, physical_id));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The name that CloudFormation gives when the template does not: stack, logical id, random.
pub(crate) fn generated_name(request: &CreateRequest) -> String {
    format!("{}-{}-{}", request.stack_name, request.logical_id, from_alphabet(request, "name", 12, MIXED))
}

/// Who a resource belongs to: the same for the same resource asked for again.
pub(crate) fn owner(request: &CreateRequest) -> String {
    match request.generation {
        0 => format!("{} {}", request.stack_id, request.logical_id),
        generation => format!("{} {} {generation}", request.stack_id, request.logical_id),
    }
}

/// Text from an alphabet, the same for the same resource and label.
pub(crate) fn token(request: &CreateRequest, label: &str, length: usize) -> String {
    from_alphabet(request, label, length, LETTERS)
}

const HEX: &[u8] = b"0123456789abcdef";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn placeholder_value(placeholder: &str, request: &CreateRequest, physical_id: &str) -> String {
    let mut parts = placeholder.splitn(3, ':');
    let kind = parts.next().unwrap_or_default();
    let argument = parts.next().unwrap_or_default();
    let label = parts.next().unwrap_or_default();
    let length = argument.parse().unwrap_or(0);
    match kind {
        "region" => request.region.clone(),
        "account" => request.account.clone(),
        "stack" => request.stack_name.clone(),
        "ref" => physical_id.to_owned(),
        "name" => nested(request, argument).map_or_else(|| generated_name(request), str::to_owned),
        "generated" => generated_name(request),
        "prop" => nested(request, argument).unwrap_or_default().to_owned(),
        "tail" => nested(request, argument).and_then(|text| text.rsplit('/').next()).unwrap_or_default().to_owned(),
        "host" => {
            let url = nested(request, argument).unwrap_or_default();
            url.split_once("://").map_or(url, |(_, rest)| rest).to_owned()
        }
        "apizone" => api_zone(&request.region).to_owned(),
        "webscope" if nested(request, "Scope") == Some("CLOUDFRONT") => "global".to_owned(),
        "webscope" => "regional".to_owned(),
        "head" => {
            let whole = property::text(&request.properties, argument).unwrap_or_default();
            whole.split('|').next().unwrap_or_default().to_owned()
        }
        "path" => property::text(&request.properties, "Path").unwrap_or("/").to_owned(),
        "key" if property::flag(&request.properties, "MultiRegion").unwrap_or(false) => {
            format!("mrk-{}", from_alphabet(request, "key", 32, HEX))
        }
        "key" => uuid(request, "key"),
        "hex" => from_alphabet(request, label, length, HEX),
        "letters" => from_alphabet(request, label, length, LETTERS),
        "mixed" => from_alphabet(request, label, length, MIXED),
        "capitals" => from_alphabet(request, label, length, CAPITALS),
        "uuid" => uuid(request, argument),
        "ip" => address(request),
        _ => String::new(),
    }
}

/// A text by its path, with dots between the names.
fn nested<'a>(request: &'a CreateRequest, path: &str) -> Option<&'a str> {
    match path.split_once('.') {
        None => property::text(&request.properties, path),
        Some((outer, inner)) => property::object(&request.properties, outer).and_then(|one| property::text(one, inner)),
    }
}

/// <https://docs.aws.amazon.com/general/latest/gr/apigateway.html>, 2026-11; only the regions that COMO names.
fn api_zone(region: &str) -> &'static str {
    match region {
        "ap-southeast-1" => "ZL327KTPIQFUL",
        "ap-southeast-2" => "Z2RPCDW04V8134",
        "us-east-1" => "Z1UJRXOUMOOFQ8",
        _ => "Z00000000000000000000",
    }
}

fn hash(request: &CreateRequest, label: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [&request.stack_id, &request.logical_id, label] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    if 0 < request.generation {
        hasher.update(request.generation.to_be_bytes());
    }
    hasher.finalize().into()
}

fn from_alphabet(request: &CreateRequest, label: &str, length: usize, alphabet: &[u8]) -> String {
    let digest = hash(request, label);
    let letter = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied().unwrap_or(b'0');
    digest.iter().cycle().take(length).map(|byte| char::from(letter(byte))).collect()
}

fn uuid(request: &CreateRequest, label: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(hash(request, label).split_at(16).0);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// In 198.18.0.0/15, which is set aside for tests (RFC 2544) and never routed.
fn address(request: &CreateRequest) -> String {
    let [first, second, third, ..] = hash(request, "ip");
    format!("198.{}.{second}.{third}", 18 + first % 2)
}
