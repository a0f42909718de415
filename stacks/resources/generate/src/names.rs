//! Names of CloudFormation as names of Rust.

/// Words of a name in any case: `DefaultSecurityGroup`, `SSEAlgorithm`, `SubnetIDs`, `deadLetterTargetArn`.
fn words(name: &str) -> Vec<String> {
    let mut name = name.to_owned();
    for (mixed, plain) in [("DDoS", "Ddos"), ("IPv", "Ipv"), ("OAuth", "Oauth"), ("PromQL", "Promql")] {
        name = name.replace(mixed, plain);
    }
    let characters: Vec<char> = name.chars().collect();
    let at = |index: usize| characters.get(index).copied().unwrap_or(' ');
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let previous = if index == 0 { ' ' } else { at(index - 1) };
        let starts_word = character.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase()
                    && at(index + 1).is_ascii_lowercase()
                    && !is_plural(at(index + 1), at(index + 2))));
        if starts_word {
            words.push(std::mem::take(&mut word));
        }
        word.push(character.to_ascii_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether an acronym's last capital is followed by the `s` of its plural: `SubnetIDs`.
fn is_plural(next: char, after: char) -> bool {
    next == 's' && !after.is_ascii_lowercase()
}

/// `MapPublicIpOnLaunch` → `map_public_ip_on_launch`.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `DefaultSecurityGroup` → `DEFAULT_SECURITY_GROUP`.
pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `WebACL` → `WebAcl`.
pub(crate) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// What one element of a list is called: `Compatibilities` → `Compatibility`, `Stages` → `Stage`.
pub(crate) fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// A snake-case name that is also a keyword needs its raw form.
pub(crate) fn identifier(name: &str) -> String {
    let name = snake(name);
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}

/// The variant for an enum's value: `aws:kms` → `AwsKms`, `STANDARD_IA` → `StandardIa`, `TLSv1.2_2021` → `TLSv1_2_2021`.
pub(crate) fn variant(value: &str) -> String {
    let mut name = String::new();
    for part in value.split(|character: char| !character.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let part = if part.contains(|character: char| character.is_ascii_lowercase()) {
            capitalised(part)
        } else {
            capitalised(&part.to_ascii_lowercase())
        };
        if name.ends_with(|last: char| last.is_ascii_digit()) && part.starts_with(|first: char| first.is_ascii_digit())
        {
            name.push('_');
        }
        name.push_str(&part);
    }
    match name.chars().next() {
        None if value == "*" => "Any".to_owned(),
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("N{name}"),
        Some(_) if name == "Self" => "Self_".to_owned(),
        Some(_) => name,
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}

const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "union",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_become_snake_case() {
        let check = |name: &str, expected: &str| assert_eq!(identifier(name), expected, "{name}");
        check("DNSName", "dns_name");
        check("CanonicalHostedZoneID", "canonical_hosted_zone_id");
        check("SubnetIDs", "subnet_ids");
        check("ManagedPolicyARNsOfUser", "managed_policy_arns_of_user");
        check("SSEAlgorithm", "sse_algorithm");
        check("Ipv6CidrBlock", "ipv6_cidr_block");
        check("EnableIPv6", "enable_ipv6");
        check("S3OriginConfig", "s3_origin_config");
        check("EnableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record");
        check("deadLetterTargetArn", "dead_letter_target_arn");
        check("AllowedOAuthScopes", "allowed_oauth_scopes");
        check("AWSManagedRulesAntiDDoSRuleSet", "aws_managed_rules_anti_ddos_rule_set");
        check("Type", "r#type");
    }

    #[test]
    fn elements_are_singular() {
        let check = |name: &str, expected: &str| assert_eq!(singular(name), expected, "{name}");
        check("RequiresCompatibilities", "RequiresCompatibility");
        check("LifecycleStages", "LifecycleStage");
        check("Access", "Access");
        check("Principal", "Principal");
    }

    #[test]
    fn types_become_pascal_case() {
        let check = |name: &str, expected: &str| assert_eq!(pascal(name), expected, "{name}");
        check("VPCGatewayAttachment", "VpcGatewayAttachment");
        check("WebACL", "WebAcl");
        check("EIP", "Eip");
        check("UserPoolClient", "UserPoolClient");
    }

    #[test]
    fn values_become_variants() {
        let check = |value: &str, expected: &str| assert_eq!(variant(value), expected, "{value}");
        check("HASH", "Hash");
        check("STANDARD_IA", "StandardIa");
        check("aws:kms", "AwsKms");
        check("messageGroup", "MessageGroup");
        check("http/s", "HttpS");
        check("TLSv1.2_2021", "TLSv1_2_2021");
        check("nodejs22.x", "Nodejs22X");
        check("5xx", "N5xx");
        check("*", "Any");
    }
}
