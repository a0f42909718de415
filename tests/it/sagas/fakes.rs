//! What stands in for the rest: mail, members' tokens, the lease, and a process that dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use como_domain::clock::Clock;
use como_domain::doorbell::{Answered, Doorbell, DoorbellError, Ring, RingHandle};
use como_domain::identifier::MemberId;
use como_domain::identity::{ProfileTokens, SessionError};
use como_domain::journal::{Entry, Journal, Position};
use como_domain::journals::{Appended, Cursor, Journals, JournalsError, Outstanding, Page, Pending, SagaKind};
use como_domain::lease::{Held, Lease};
use como_domain::mail::{Mail, MailError, MailReceipt, Mailer};
use como_domain::member::ProfileToken;
use como_domain::saga_id::SagaId;
use jiff::Timestamp;

#[derive(Default)]
pub(crate) struct Post {
    pub(crate) sent: Mutex<Vec<Mail>>,
}

#[async_trait]
impl Mailer for Post {
    async fn send(&self, mail: &Mail) -> Result<MailReceipt, MailError> {
        self.sent.lock().unwrap().push(mail.clone());
        Ok(MailReceipt("1".to_owned()))
    }
}

#[derive(Default)]
pub(crate) struct Tokens {
    pub(crate) by_member: Mutex<BTreeMap<MemberId, ProfileToken>>,
}

#[async_trait]
impl ProfileTokens for Tokens {
    async fn get(&self, member_id: &MemberId) -> Result<Option<ProfileToken>, SessionError> {
        Ok(self.by_member.lock().unwrap().get(member_id).cloned())
    }
}

/// Held as the test says.
pub(crate) struct Fixed {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) region: &'static str,
    pub(crate) epoch: u64,
    pub(crate) taken_over_at: Option<Timestamp>,
}

impl Lease for Fixed {
    fn held(&self) -> Option<Held> {
        Some(Held {
            region: self.region.to_owned().try_into().unwrap(),
            epoch: self.epoch,
            until: self.clock.monotonic() + Duration::from_secs(60),
            taken_over_at: self.taken_over_at,
        })
    }
}

/// Every ring is lost.
pub(crate) struct Broken;

#[async_trait]
impl Doorbell for Broken {
    async fn ring(&self, _: &Ring) -> Result<(), DoorbellError> {
        Err(DoorbellError { operation: "ring", source: "there is no queue".into() })
    }

    async fn answer(&self, _: u8, _: Duration, _: Duration) -> Result<Vec<Answered>, DoorbellError> {
        std::future::pending().await
    }

    async fn quiet(&self, _: &RingHandle) -> Result<(), DoorbellError> {
        Ok(())
    }

    async fn hide(&self, _: &RingHandle, _: Duration) -> Result<(), DoorbellError> {
        Ok(())
    }
}

/// On which side of the write the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dies {
    /// The effect before it is done, and nothing says so.
    Before,
    /// The entry stands, and its effect is not begun.
    After,
}

/// Whoever appends through it stops for ever at one append: what is awaited never comes, as after SIGKILL.
pub(crate) struct Dying {
    pub(crate) inner: Arc<dyn Journals>,
    pub(crate) at: usize,
    pub(crate) dies: Dies,
    pub(crate) appends: AtomicUsize,
    pub(crate) is_dead: tokio::sync::Notify,
}

impl Dying {
    async fn stop(&self) -> ! {
        self.is_dead.notify_one();
        std::future::pending().await
    }
}

#[async_trait]
impl Journals for Dying {
    async fn read(&self, saga: &SagaId) -> Result<Journal, JournalsError> {
        self.inner.read(saga).await
    }

    async fn append(&self, saga: &SagaId, entry: &Entry, pending: &Pending) -> Result<Appended, JournalsError> {
        let number = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
        if self.at <= number && self.dies == Dies::Before {
            self.stop().await;
        }
        let appended = self.inner.append(saga, entry, pending).await;
        if self.at <= number && self.dies == Dies::After {
            self.stop().await;
        }
        appended
    }

    async fn leave_outbox(&self, saga: &SagaId, position: &Position) -> Result<(), JournalsError> {
        self.inner.leave_outbox(saga, position).await
    }

    async fn outbox(&self, after: Option<&Cursor>, most: u16) -> Result<Page<Outstanding>, JournalsError> {
        self.inner.outbox(after, most).await
    }

    async fn outbox_of(&self, ordering_key: &str, most: u16) -> Result<Vec<Outstanding>, JournalsError> {
        self.inner.outbox_of(ordering_key, most).await
    }

    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, JournalsError> {
        self.inner.of_member(member, kind, after, most).await
    }
}
