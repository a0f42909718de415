//! The microservices of the middleware: what there is to say of each, said once.
//!
//! A service is one line of [`services!`] and one block of each environment's file. From that line follow the names of its
//! stack, tasks and logs, the load balancer's rule, the secrets and settings that a task is given and reads, what its role may
//! do, its alarms, and the key of its block. What it answers is the runtime's, and stands in `route` for the gateway.
//! `docs/adding-a-service.md` has the whole recipe.

use crate::secret::Secret;
use crate::setting::Setting;

/// What is known of a service wherever it runs.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// In stack names, task arguments, target groups and logs, and the key of its block in an environment's file: a small
    /// letter, then small letters and digits.
    pub name: &'static str,
    /// For people who write an environment's file.
    pub purpose: &'static str,
    /// Where its rule stands among the load balancer's. Services' patterns exclude each other, so the order is of no
    /// consequence; gaps leave room for exceptions.
    pub priority: u16,
    /// The load balancer's path patterns; see [`path_patterns`](crate::route::path_patterns).
    pub paths: &'static [&'static str],
    /// A task gets no other.
    pub secrets: &'static [Secret],
    /// A task gets no other.
    pub settings: &'static [Setting],
    pub rights: Rights,
}

/// What a service's own code does with AWS, beside reading the configuration. A profile and not a list of actions: those
/// belong to the infrastructure, which grants them by table and queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Looks things up at partners; nothing else of AWS.
    Look,
    /// Makes members in the user pool and keeps their sessions.
    SignIn,
    /// Runs sagas: journal, queue, leases, mail.
    Book,
}

/// A [`Definition`], in the form of [`services!`].
#[macro_export]
macro_rules! service_definition {
    ($name:literal, $priority:literal, $rights:ident, [$($path:literal),*], [$($secret:ident),*], [$($setting:ident),*], $purpose:literal) => {
        $crate::service::Definition {
            name: $name,
            purpose: $purpose,
            priority: $priority,
            paths: &[$($path),*],
            secrets: &[$($crate::secret::Secret::$secret),*],
            settings: &[$($crate::setting::Setting::$setting),*],
            rights: $crate::service::Rights::$rights,
        }
    };
}

/// One line a service: its variant, then name, priority, rights, paths, secrets, settings, and what it is for.
macro_rules! services {
    ($($variant:ident: $name:literal, $priority:literal, $rights:ident, $paths:tt, $secrets:tt, $settings:tt, $purpose:literal;)+) => {
        /// A deployable service: one task definition, one target group, one set of routes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Service {
            $(#[doc = $purpose] $variant,)+
        }

        impl Service {
            /// In the order of every listing.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The keys of their blocks in an environment's file.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            #[must_use]
            pub const fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$variant => const { &service_definition!($name, $priority, $rights, $paths, $secrets, $settings, $purpose) },)+
                }
            }
        }
    };
}

// A secret stands here once there is code that reads it: ECS would not start a task that asks for a value which nobody has put
// in yet.
services! {
    Accounts: "accounts", 10, SignIn, ["/v1/accounts/*", "/v1/docs*", "/v1/openapi.json"], [MembersonCredentials, MembersonToken, SessionKey, MemberPasswordKey], [], "Signs members in.";
    Experiences: "experiences", 20, Look, ["/v1/experiences*"], [MembersonCredentials, MembersonToken, SevenRoomsCredentials, SevenRoomsToken], [], "Shows experiences, from Memberson and SevenRooms.";
    Bookings: "bookings", 30, Book, ["/v1/bookings*", "/v1/webhooks/*"], [MembersonCredentials, MembersonToken, SevenRoomsCredentials, SevenRoomsToken, StripeKey, SessionKey, SagaKey], [QueueUrl, SiteOrigin, MailSender, MailConfigurationSet], "Books experiences with points or by card.";
    Redemptions: "redemptions", 40, Book, ["/v1/items*", "/v1/redemptions*"], [MembersonCredentials, MembersonToken, SevenRoomsCredentials, SevenRoomsToken, StripeKey, SessionKey, SagaKey], [QueueUrl, SiteOrigin, MailSender, MailConfigurationSet], "Redeems items with points or by card.";
}

impl Service {
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

impl From<Service> for &'static Definition {
    fn from(service: Service) -> Self {
        service.definition()
    }
}
