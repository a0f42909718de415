//! Settings: what a task must know and may show, from parameters of Systems Manager, through variables as secrets are.
//!
//! They are values that only a deployed stack knows. What is known beforehand is an argument (`task`).

use crate::service::{Definition, Service};

/// A setting of a region's tasks. The value is what Systems Manager holds under [`Setting::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// The address of the queue whose messages say that there is work; the journal says what.
    QueueUrl,
    /// Where members' browsers are: the origin of the site, to whose pages a card payment returns.
    SiteOrigin,
    /// The address that members' mails come from.
    MailSender,
    /// The configuration set of SES under which mails are sent, so that bounces are heard of.
    MailConfigurationSet,
}

impl Setting {
    pub const ALL: [Self; 4] = [Self::QueueUrl, Self::SiteOrigin, Self::MailSender, Self::MailConfigurationSet];

    /// The last segment of the name, for example `queue-url`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::QueueUrl => "queue-url",
            Self::SiteOrigin => "site-origin",
            Self::MailSender => "mail-sender",
            Self::MailConfigurationSet => "mail-configuration-set",
        }
    }

    /// The name of the parameter, for example `/como/prod/settings/queue-url`; `environment` is the task's own.
    #[must_use]
    pub fn name(self, environment: &str) -> String {
        format!("/como/{environment}/settings/{}", self.label())
    }

    /// The variable in which the task reads the value.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::QueueUrl => "QUEUE_URL",
            Self::SiteOrigin => "SITE_ORIGIN",
            Self::MailSender => "MAIL_SENDER",
            Self::MailConfigurationSet => "MAIL_CONFIGURATION_SET",
        }
    }
}

/// The settings of one service; a task gets no other.
#[must_use]
pub const fn settings_of(service: Service) -> &'static [Setting] {
    service.definition().settings
}

/// The parameter that holds the digest of the image which a service runs, for example `/como/prod/accounts/digest`.
#[must_use]
pub fn deployed_digest(environment: &str, service: impl Into<&'static Definition>) -> String {
    format!("/como/{environment}/{}/digest", service.into().name)
}

/// The parameter of a service's stack by which its image is changed without a new template.
pub const IMAGE_DIGEST_PARAMETER: &str = "ImageDigest";
