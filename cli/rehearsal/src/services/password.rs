//! Random passwords by Secrets Manager's rules.

use aws_lc_rs::rand;
use thiserror::Error;

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum PasswordError {
    #[error("the password length must be between 1 and 4096")]
    Length,
    #[error("the rules leave no character to choose from")]
    NothingLeft,
    #[error("SecretStringTemplate is not a JSON object")]
    Template,
    #[error("no randomness is available")]
    Randomness,
}

/// Which characters a password has; the names are those of `GetRandomPassword`.
pub(crate) struct PasswordRules<'a> {
    pub(crate) length: u64,
    pub(crate) excluded: &'a str,
    pub(crate) lower_case: bool,
    pub(crate) upper_case: bool,
    pub(crate) digits: bool,
    pub(crate) punctuation: bool,
    pub(crate) space: bool,
    pub(crate) one_of_each: bool,
}

impl PasswordRules<'_> {
    pub(crate) fn generate(&self) -> Result<String, PasswordError> {
        let classes = self.classes();
        let all: Vec<char> = classes.iter().flatten().copied().collect();
        let length = usize::try_from(self.length).map_err(|_| PasswordError::Length)?;
        if length == 0 || 4096 < length {
            return Err(PasswordError::Length);
        }
        if all.is_empty() {
            return Err(PasswordError::NothingLeft);
        }
        let mut password = Vec::with_capacity(length);
        if self.one_of_each {
            for class in classes.iter().filter(|class| !class.is_empty()).take(length) {
                password.push(choose(class)?);
            }
        }
        while password.len() < length {
            password.push(choose(&all)?);
        }
        shuffle(&mut password)?;
        Ok(password.into_iter().collect())
    }

    fn classes(&self) -> Vec<Vec<char>> {
        let classes = [
            (self.lower_case, "abcdefghijklmnopqrstuvwxyz"),
            (self.upper_case, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            (self.digits, "0123456789"),
            (self.punctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            (self.space, " "),
        ];
        let wanted = classes.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, letters)| letters.chars().filter(|letter| !self.excluded.contains(*letter)).collect()).collect()
    }
}

/// Random bytes of a given number.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], PasswordError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| PasswordError::Randomness)?;
    Ok(bytes)
}

fn choose(letters: &[char]) -> Result<char, PasswordError> {
    let index = below(letters.len())?;
    letters.get(index).copied().ok_or(PasswordError::NothingLeft)
}

fn shuffle(letters: &mut [char]) -> Result<(), PasswordError> {
    for index in (1..letters.len()).rev() {
        letters.swap(index, below(index + 1)?);
    }
    Ok(())
}

/// A number below `limit`. The remainder of 64 random bits is even enough for a rehearsal's passwords.
fn below(limit: usize) -> Result<usize, PasswordError> {
    let number = u64::from_le_bytes(random_bytes()?);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
    usize::try_from(number % limit).map_err(|_| PasswordError::NothingLeft)
}
