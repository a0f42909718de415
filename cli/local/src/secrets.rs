//! Secrets of this process: the doubles' credentials, and what a stack would generate on AWS.

use como_contract::secret::Secret;
use como_doubles::seeds;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const FILE: &str = "secrets.json";

/// By the variable in which a task reads them.
pub(crate) type Secrets = BTreeMap<String, String>;

/// New ones, or those that `folder` has: what was encrypted with them has to be read again.
pub(crate) fn of_folder(folder: &Path) -> io::Result<Secrets> {
    let file = folder.join(FILE);
    let mut secrets: Secrets = match fs_err::read(&file) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Secrets::new(),
        Err(error) => return Err(error),
    };
    let known = secrets.len();
    for secret in Secret::ALL {
        let value = match seeds::credentials(secret) {
            // A secret that is plain text has no quotes around it.
            Some(value) => Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            None => secret.is_generated().then(random),
        };
        if let Some(value) = value {
            secrets.entry(secret.variable().to_owned()).or_insert(value);
        }
    }
    if known < secrets.len() {
        let mut options = fs_err::OpenOptions::new();
        options.create(true).truncate(true).write(true).options_mut().mode(0o600);
        serde_json::to_writer(options.open(file)?, &secrets)?;
    }
    Ok(secrets)
}

/// 244 random bits in 64 characters.
fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_outlive_the_process_where_the_folder_does() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = of_folder(dir.path()).unwrap();
        assert_eq!(of_folder(dir.path()).unwrap(), secrets);
        assert_ne!(secrets[Secret::SessionKey.variable()], secrets[Secret::SagaKey.variable()]);
        let all: Vec<&str> = Secret::ALL.iter().map(|secret| secret.variable()).collect();
        assert!(all.iter().all(|name| secrets.contains_key(*name)), "{:?}", secrets.keys());
        let other = tempfile::tempdir().unwrap();
        assert_ne!(of_folder(other.path()).unwrap(), secrets);
    }
}
