//! Secrets: their names in Secrets Manager and the environment variables through which ECS hands them to a task.

/// A secret that a task receives. The value is what Secrets Manager holds under [`Secret::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// JSON `{"service_user","service_password","user_name","password"}`: the `SvcAuth` pair and the service account.
    MembersonCredentials,
    /// JSON `{"client_id","client_secret"}`.
    SevenRoomsCredentials,
    /// 32 or more random characters; the key that encrypts members' ProfileTokens is derived from them.
    SessionKey,
    /// 32 or more random characters; members' Cognito passwords are derived from them.
    MemberPasswordKey,
}

impl Secret {
    pub const ALL: [Self; 4] =
        [Self::MembersonCredentials, Self::SevenRoomsCredentials, Self::SessionKey, Self::MemberPasswordKey];

    /// The last segment of the name, for example `memberson-credentials`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MembersonCredentials => "memberson-credentials",
            Self::SevenRoomsCredentials => "sevenrooms-credentials",
            Self::SessionKey => "session-key",
            Self::MemberPasswordKey => "member-password-key",
        }
    }

    /// The name in Secrets Manager, for example `como/prod/memberson-credentials`.
    #[must_use]
    pub fn name(self, environment: &str) -> String {
        format!("como/{environment}/{}", self.label())
    }

    /// The variable in which the task reads the value.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::MembersonCredentials => "MEMBERSON_CREDENTIALS",
            Self::SevenRoomsCredentials => "SEVENROOMS_CREDENTIALS",
            Self::SessionKey => "SESSION_KEY",
            Self::MemberPasswordKey => "MEMBER_PASSWORD_KEY",
        }
    }

    /// Whether the stack generates the value; a partner's credentials come from the maintainers.
    #[must_use]
    pub const fn is_generated(self) -> bool {
        matches!(self, Self::SessionKey | Self::MemberPasswordKey)
    }
}

/// The secrets of one service; a task gets no other.
#[must_use]
pub const fn secrets_of(service: crate::service::Service) -> &'static [Secret] {
    use crate::service::Service;
    match service {
        Service::Accounts => &[Secret::MembersonCredentials, Secret::SessionKey, Secret::MemberPasswordKey],
        Service::Experiences => &[Secret::MembersonCredentials, Secret::SevenRoomsCredentials],
        Service::Bookings | Service::Redemptions => {
            &[Secret::MembersonCredentials, Secret::SevenRoomsCredentials, Secret::SessionKey]
        }
    }
}
