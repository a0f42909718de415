//! The mail that ends it.

use como_domain::mail::{Mail, MailError};
use como_domain::saga::call::Notice;
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::Seen;

use crate::report;
use crate::sagas::calls::outcome::{not_sent, unsent};
use crate::sagas::calls::partners::{About, Partners, settled};
use crate::sagas::calls::templates::letter;

impl Partners {
    pub(super) async fn notify(&self, about: About<'_>, notice: Notice) -> Outcome {
        let made = async {
            let contact = self.contacts.contact(&about.intent.member).await.map_err(unsent)?;
            // Who has no address gets no mail; the app shows the same.
            let Some(to) = contact.as_ref().and_then(|contact| contact.email.clone()) else {
                return Ok(Outcome::Done(Seen::Nothing));
            };
            let first_name = contact.and_then(|contact| contact.first_name);
            let title = self.title(about.intent).await;
            let letter = letter(notice, first_name.as_deref(), &title, about.intent, &about.reading.state);
            let mail = Mail {
                to,
                subject: letter.subject,
                text: letter.text,
                html: letter.html,
                reference: about.saga.to_string(),
            };
            match self.mailer.send(&mail).await {
                Ok(_) => Ok(Outcome::Done(Seen::Nothing)),
                Err(error) => {
                    report::own_failure(&error);
                    Err(match error {
                        MailError::Refused(_) => Outcome::Refused(Refusal::Invalid),
                        MailError::NotSent(_) => not_sent(),
                        MailError::Unknown(_) => Outcome::Unknown,
                    })
                }
            }
        };
        settled(made.await)
    }
}
