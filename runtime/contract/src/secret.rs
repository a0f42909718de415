//! Secrets: their names in Secrets Manager and the environment variables through which ECS hands them to a task.

use crate::service::Service;

/// A secret of the middleware. The value is what Secrets Manager holds under [`Secret::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// JSON `{"service_user","service_password","user_name","password"}`: the `SvcAuth` pair and the service account.
    MembersonCredentials,
    /// JSON `{"token","expires_at"}`: the service token that the credentials bought, kept fresh so that a new task need not
    /// sign in. Anything else is none: random characters stand in it until the first one is bought.
    MembersonToken,
    /// JSON `{"client_id","client_secret"}`.
    SevenRoomsCredentials,
    /// JSON `{"token","expires_at"}`: the token that the credentials bought, likewise.
    SevenRoomsToken,
    /// 32 or more random characters: the last segment of the address that SevenRooms calls, since it signs nothing.
    SevenRoomsWebhookKey,
    /// String `sk_…` or `rk_…`: a key of Stripe that may create and capture payments and refund them.
    StripeKey,
    /// String `whsec_…`: what Stripe signs events with.
    StripeWebhookSecret,
    /// The signing secret that is coming or going; while Stripe rolls one, events may be signed with either.
    StripeWebhookSecretOther,
    /// 32 or more random characters; the key that encrypts members' ProfileTokens is derived from them.
    SessionKey,
    /// The session key before the last change: sessions from before it are still read.
    SessionKeyBefore,
    /// 32 or more random characters; members' Cognito passwords are derived from them.
    MemberPasswordKey,
    /// 32 or more random characters; saga ids, and with them the keys of all partner calls, are keyed with them, so that
    /// nobody who knows a request can foretell its reference at a partner.
    SagaKey,
}

impl Secret {
    pub const ALL: [Self; 12] = [
        Self::MembersonCredentials,
        Self::MembersonToken,
        Self::SevenRoomsCredentials,
        Self::SevenRoomsToken,
        Self::SevenRoomsWebhookKey,
        Self::StripeKey,
        Self::StripeWebhookSecret,
        Self::StripeWebhookSecretOther,
        Self::SessionKey,
        Self::SessionKeyBefore,
        Self::MemberPasswordKey,
        Self::SagaKey,
    ];

    /// The last segment of the name, for example `memberson-credentials`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MembersonCredentials => "memberson-credentials",
            Self::MembersonToken => "memberson-token",
            Self::SevenRoomsCredentials => "sevenrooms-credentials",
            Self::SevenRoomsToken => "sevenrooms-token",
            Self::SevenRoomsWebhookKey => "sevenrooms-webhook-key",
            Self::StripeKey => "stripe-key",
            Self::StripeWebhookSecret => "stripe-webhook-secret",
            Self::StripeWebhookSecretOther => "stripe-webhook-secret-other",
            Self::SessionKey => "session-key",
            Self::SessionKeyBefore => "session-key-before",
            Self::MemberPasswordKey => "member-password-key",
            Self::SagaKey => "saga-key",
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
            Self::MembersonToken => "MEMBERSON_TOKEN",
            Self::SevenRoomsCredentials => "SEVENROOMS_CREDENTIALS",
            Self::SevenRoomsToken => "SEVENROOMS_TOKEN",
            Self::SevenRoomsWebhookKey => "SEVENROOMS_WEBHOOK_KEY",
            Self::StripeKey => "STRIPE_KEY",
            Self::StripeWebhookSecret => "STRIPE_WEBHOOK_SECRET",
            Self::StripeWebhookSecretOther => "STRIPE_WEBHOOK_SECRET_OTHER",
            Self::SessionKey => "SESSION_KEY",
            Self::SessionKeyBefore => "SESSION_KEY_BEFORE",
            Self::MemberPasswordKey => "MEMBER_PASSWORD_KEY",
            Self::SagaKey => "SAGA_KEY",
        }
    }

    /// What the value is and who puts it in, for whoever sees the secret in the console.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::MembersonCredentials => "Memberson: service user and account, put in by hand",
            Self::MembersonToken => "Memberson: service token, put in by the token refresh, generated until then",
            Self::SevenRoomsCredentials => "SevenRooms: client id and secret, put in by hand",
            Self::SevenRoomsToken => "SevenRooms: token, put in by the token refresh, generated until then",
            Self::SevenRoomsWebhookKey => "Ends the address that SevenRooms calls, generated",
            Self::StripeKey => "Stripe: restricted key, put in by hand",
            Self::StripeWebhookSecret => "Stripe: signs events, put in by hand",
            Self::StripeWebhookSecretOther => "Stripe: signs events while the other is rolled, generated until then",
            Self::SessionKey => "Encrypts members' ProfileTokens, generated",
            Self::SessionKeyBefore => "Decrypted members' ProfileTokens before the last change, generated until then",
            Self::MemberPasswordKey => "Derives members' Cognito passwords, generated",
            Self::SagaKey => "Keys the ids of sagas, generated",
        }
    }

    /// Whether the stack generates the value. Others come from a person; until then the secret has no value, and ECS does not
    /// start a task that asks for it.
    ///
    /// What is only needed while another secret is changed, or comes later, is generated too: a value that nobody else knows
    /// opens nothing.
    #[must_use]
    pub const fn is_generated(self) -> bool {
        match self {
            Self::MembersonToken
            | Self::SevenRoomsToken
            | Self::SevenRoomsWebhookKey
            | Self::StripeWebhookSecretOther
            | Self::SessionKey
            | Self::SessionKeyBefore
            | Self::MemberPasswordKey
            | Self::SagaKey => true,
            Self::MembersonCredentials | Self::SevenRoomsCredentials | Self::StripeKey | Self::StripeWebhookSecret => {
                false
            }
        }
    }
}

/// The secrets of one service; a task gets no other.
#[must_use]
pub const fn secrets_of(service: Service) -> &'static [Secret] {
    service.definition().secrets
}

/// What the token refresh reads, and what it writes.
pub const REFRESHED_TOKENS: [(Secret, Secret); 2] =
    [(Secret::MembersonCredentials, Secret::MembersonToken), (Secret::SevenRoomsCredentials, Secret::SevenRoomsToken)];
