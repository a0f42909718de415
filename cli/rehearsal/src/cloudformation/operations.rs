//! Stacks' operations: they run on their own once called, one at a time for each stack.

use super::announce::{Happening, pass_on};
use super::dynamic::Resolving;
use super::stack::{Phase, Stack};
use super::store::{Store, StoreError};
use super::throttle::Throttle;
use super::transition::Leftover;
use super::{cleanup, create, delete, early, import, restore, update};
use crate::clock::Clock;
use crate::provision::{DeleteRequest, ProvisionError, Provisioner};
use crate::status::{Durations, KeptResource, LastOperation, StackSummary};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// All stacks of all regions.
pub struct CloudFormation {
    pub(crate) account: String,
    pub(crate) store: Store,
    pub(crate) provisioner: Arc<dyn Provisioner>,
    pub(crate) clock: Arc<Clock>,
    pub(super) throttle: Throttle,
    /// By stack id.
    running: Mutex<BTreeMap<String, Running>>,
    /// Until somebody listens.
    happenings: Mutex<Option<UnboundedReceiver<Happening>>>,
    pub(super) shutdown: CancellationToken,
    pub(super) tasks: TaskTracker,
}

#[derive(Clone)]
struct Running {
    interrupt: Interrupt,
    ended: CancellationToken,
}

/// Why an operation may have to stop.
#[derive(Clone)]
pub(crate) struct Interrupt {
    /// The supervisor goes: leave everything as it is; the next one carries on.
    pub shutdown: CancellationToken,
    /// Somebody deletes the stack.
    pub cancelled: CancellationToken,
}

impl CloudFormation {
    /// Loads the stacks of an earlier run. Nothing moves before [`CloudFormation::resume`].
    pub fn open(
        dir: PathBuf,
        account: String,
        provisioner: Arc<dyn Provisioner>,
        clock: Arc<Clock>,
    ) -> Result<Arc<Self>, StoreError> {
        let (sender, happenings) = unbounded_channel();
        Ok(Arc::new(Self {
            account,
            store: Store::open(dir, sender)?,
            provisioner: Arc::new(Resolving(provisioner)),
            clock,
            throttle: Throttle::default(),
            running: Mutex::default(),
            happenings: Mutex::new(Some(happenings)),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Carries on with what was running when the last supervisor ended.
    pub fn resume(self: &Arc<Self>) {
        if let Some(happenings) = self.happenings.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let services = Arc::clone(&self.provisioner);
            self.tasks.spawn(pass_on(happenings, services, self.shutdown.clone()));
        }
        for id in self.store.all(|stack| stack.status.is_running().then(|| stack.id().to_owned())) {
            self.store.change(&id, Stack::note_absence);
            self.launch(&id);
        }
        self.resume_drift_detections();
    }

    /// Waits on the simulated clock, once all of `after` have waited, and keeps count of it in the stack's operation.
    pub(super) async fn wait(&self, id: &str, name: &str, after: &BTreeSet<String>, simulated: Duration) {
        let speed = self.clock.speed();
        self.clock.wait(simulated).await;
        self.store.note(id, |stack| stack.note_wait(name, after, simulated.as_secs_f64(), speed));
    }

    /// Stops without changing any stack's state.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Stacks that exist, in order of region and name.
    pub fn stacks(&self) -> Vec<StackSummary> {
        let mut stacks = self.store.all(|stack| {
            (stack.status != Phase::DeleteComplete).then(|| StackSummary {
                region: stack.pseudo.region.clone(),
                name: stack.name().to_owned(),
                status: stack.status.as_str().to_owned(),
                resources: stack.resources.values().filter(|record| record.physical_id.is_some()).count(),
            })
        });
        stacks.sort_by(|one, other| (&one.region, &one.name).cmp(&(&other.region, &other.name)));
        stacks
    }

    /// What each stack's last operations took, by `<region> <stack> <operation>`.
    pub fn durations(&self) -> BTreeMap<String, Durations> {
        let mut durations = BTreeMap::new();
        let of_stacks = self.store.all(|stack| {
            let prefix = format!("{} {}", stack.pseudo.region, stack.name());
            Some(stack.durations.iter().map(|(kind, taken)| (format!("{prefix} {kind}"), *taken)).collect::<Vec<_>>())
        });
        // Newest stack first, so that an older one of the same name does not hide it.
        for (key, taken) in of_stacks.into_iter().flatten() {
            durations.entry(key).or_insert(taken);
        }
        durations
    }

    /// The last operation of each stack that exists, by `<region> <stack>`.
    pub fn last_operations(&self) -> BTreeMap<String, LastOperation> {
        let of_stacks = self.store.all(|stack| {
            let is_there = !matches!(stack.status, Phase::DeleteComplete | Phase::ReviewInProgress);
            is_there.then(|| (format!("{} {}", stack.pseudo.region, stack.name()), stack.operation.summary()))
        });
        of_stacks.into_iter().collect()
    }

    /// Resources that outlived their stack.
    pub fn kept(&self) -> Vec<KeptResource> {
        let kept = self.store.all(|stack| Some(kept_of(stack))).into_iter().flatten();
        kept.filter(|kept| !self.is_taken_in(kept)).collect()
    }

    /// Deletes what outlived the named stacks (all stacks without names), deletion protection or not. This is no AWS
    /// operation: a rehearsal has to be able to clear up. Returns what is gone and what refused to go.
    pub async fn delete_kept(
        &self,
        stacks: Option<&[String]>,
    ) -> (Vec<KeptResource>, Vec<(KeptResource, ProvisionError)>) {
        let (mut gone, mut refused) = (Vec::new(), Vec::new());
        let targets = self.store.all(|stack| {
            let is_named = stacks.is_none_or(|names| names.iter().any(|name| name == stack.name()));
            is_named.then(|| {
                let kept = kept_of(stack);
                (stack.id().to_owned(), kept)
            })
        });
        for (id, resources) in targets {
            for resource in resources {
                if self.is_taken_in(&resource) {
                    continue;
                }
                let is_it = |one: &Leftover| one.physical_id == resource.physical_id;
                let properties = self.store.read(&id, |stack| {
                    let orphan = stack.orphans.iter().find(|one| is_it(one)).map(|one| one.properties.clone());
                    orphan.or_else(|| Some(stack.resources.get(&resource.logical_id)?.properties.clone()))
                });
                let properties = properties.flatten().unwrap_or_default();
                let request = DeleteRequest {
                    account: self.account.clone(),
                    region: resource.region.clone(),
                    stack_name: resource.stack.clone(),
                    resource_type: resource.resource_type.clone(),
                    physical_id: resource.physical_id.clone(),
                    properties,
                    despite_protection: true,
                };
                match self.provisioner.delete(request).await {
                    Ok(()) => {
                        self.store.change(&id, |stack| {
                            let orphans = stack.orphans.len();
                            stack.orphans.retain(|one| !is_it(one));
                            if stack.orphans.len() == orphans
                                && let Some(record) = stack.resources.get_mut(&resource.logical_id)
                            {
                                record.status = Some(Phase::DeleteComplete);
                            }
                        });
                        gone.push(resource);
                    }
                    Err(error) => refused.push((resource, error)),
                }
            }
        }
        (gone, refused)
    }

    /// Starts what the stack's status says is running, after whatever ran before has ended.
    pub(crate) fn launch(self: &Arc<Self>, id: &str) {
        let mine = Running {
            interrupt: Interrupt { shutdown: self.shutdown.clone(), cancelled: CancellationToken::new() },
            ended: CancellationToken::new(),
        };
        let before = self.lock_running().insert(id.to_owned(), mine.clone());
        if let Some(before) = &before {
            before.interrupt.cancelled.cancel();
        }
        let (cloud, id) = (Arc::clone(self), id.to_owned());
        self.tasks.spawn(async move {
            if let Some(before) = before {
                before.ended.cancelled().await;
            }
            let goes_on = early::run(&cloud, &id, &mine.interrupt).await;
            match cloud.store.read(&id, |stack| stack.status).filter(|_| goes_on) {
                Some(Phase::CreateInProgress) => create::create(&cloud, &id, &mine.interrupt).await,
                Some(Phase::RollbackInProgress) => create::roll_back(&cloud, &id, &mine.interrupt).await,
                Some(Phase::UpdateInProgress) => update::update(&cloud, &id, &mine.interrupt).await,
                Some(Phase::UpdateCompleteCleanupInProgress) => {
                    cleanup::after_update(&cloud, &id, &mine.interrupt).await;
                }
                Some(Phase::UpdateRollbackInProgress) => restore::restore(&cloud, &id, &mine.interrupt).await,
                Some(Phase::UpdateRollbackCompleteCleanupInProgress) => {
                    cleanup::after_rollback(&cloud, &id, &mine.interrupt).await;
                }
                Some(Phase::ImportInProgress) => import::import(&cloud, &id, &mine.interrupt).await,
                Some(Phase::ImportRollbackInProgress) => import::give_back(&cloud, &id).await,
                Some(Phase::DeleteInProgress) => delete::delete(&cloud, &id, &mine.interrupt).await,
                _ => {}
            }
            mine.ended.cancel();
            let mut running = cloud.lock_running();
            if running.get(&id).is_some_and(|current| current.ended.is_cancelled()) {
                running.remove(&id);
            }
        });
    }

    /// Whether another stack has imported what outlived its own.
    fn is_taken_in(&self, kept: &KeptResource) -> bool {
        self.owner_of(&kept.region, &kept.resource_type, &kept.physical_id).is_some()
    }

    fn lock_running(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Interrupt {
    pub(crate) fn is_set(&self) -> bool {
        self.shutdown.is_cancelled() || self.cancelled.is_cancelled()
    }

    pub(crate) async fn set(&self) {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = self.cancelled.cancelled() => {}
        }
    }
}

fn kept_of(stack: &Stack) -> Vec<KeptResource> {
    let of = |logical_id: &str, resource_type: &str, physical_id: &str| KeptResource {
        region: stack.pseudo.region.clone(),
        stack: stack.name().to_owned(),
        logical_id: logical_id.to_owned(),
        resource_type: resource_type.to_owned(),
        physical_id: physical_id.to_owned(),
    };
    let orphans = stack.orphans.iter().map(|one| of(&one.logical_id, &one.resource_type, &one.physical_id));
    let skipped =
        stack.resources.iter().filter(|(_, record)| record.status == Some(Phase::DeleteSkipped)).filter_map(
            |(logical_id, record)| Some(of(logical_id, &record.resource_type, record.physical_id.as_deref()?)),
        );
    orphans.chain(skipped).collect()
}
