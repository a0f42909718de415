//! A service at work: rolls from one deployment to the next.
//!
//! One loop per service compares the books with the tasks and starts or stops some, whenever either has changed. Nothing
//! of it is remembered but the books, so it goes on after a restart from where they say it is.

use super::announce::Announcer;
use super::keeper::{Assignment, Keeper};
use super::log::Log;
use super::service::Surroundings;
use super::state::{Deployment, Failure, Rollout, Service, State};
use crate::services::store::{Store, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) struct Crew {
    arn: String,
    pub(super) log: Arc<Log>,
    store: Arc<Store<State>>,
    surroundings: Arc<Surroundings>,
    changed: Arc<Notify>,
    standing: watch::Sender<Standing>,
    keepers: Mutex<Vec<Arc<Keeper>>>,
    /// Since when a deployment that listens to alarms has had all its tasks.
    baking: Mutex<Option<Instant>>,
    closing: CancellationToken,
    work: TaskTracker,
}

/// How a service stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Of the last change.
    pub(super) rollout: Rollout,
    /// All desired tasks are healthy, and no others are left.
    pub(super) steady: bool,
}

/// Between looks at the alarms of a deployment; wall-clock time, since they turn at a moment of somebody else's choice.
const ALARM_INTERVAL: Duration = Duration::from_millis(250);

impl Crew {
    pub(super) fn start(service: &Service, store: Arc<Store<State>>, surroundings: Arc<Surroundings>) -> Arc<Self> {
        let crew = Arc::new(Self {
            arn: service.arn.clone(),
            log: Arc::new(Log::new(&service.name, Announcer::new(service, &surroundings))),
            store,
            surroundings,
            changed: Arc::new(Notify::new()),
            standing: watch::Sender::new(Standing { rollout: service.rollout, steady: false }),
            keepers: Mutex::default(),
            baking: Mutex::default(),
            closing: CancellationToken::new(),
            work: TaskTracker::new(),
        });
        let worker = Arc::clone(&crew);
        crew.work.spawn(async move { worker.work().await });
        crew
    }

    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// After the books have changed.
    pub(super) fn look_again(&self) {
        let rollout = self.store.read(|state| state.services.get(&self.arn).map(|service| service.rollout));
        self.standing.send_replace(Standing { rollout: rollout.unwrap_or_default(), steady: false });
        self.changed.notify_one();
    }

    pub(super) fn keeper(&self, deployment: &str) -> Option<Arc<Keeper>> {
        let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.iter().find(|keeper| keeper.deployment.id == deployment).cloned()
    }

    /// Ends all tasks and returns when they are gone.
    pub(super) async fn stop(&self) {
        self.closing.cancel();
        self.work.close();
        self.work.wait().await;
        let keepers = std::mem::take(&mut *self.keepers.lock().unwrap_or_else(PoisonError::into_inner));
        futures_util::future::join_all(keepers.iter().map(|keeper| keeper.stop())).await;
    }

    async fn work(&self) {
        loop {
            if let Err(error) = self.reconcile().await {
                tracing::error!(service = self.arn, %error, "could not keep the books of {}", self.arn);
            }
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.changed.notified() => {}
                () = self.alarm_interval() => {}
            }
        }
    }

    /// Never ends when nobody listens to alarms.
    async fn alarm_interval(&self) {
        let listens = self.store.read(|state| state.services.get(&self.arn).is_some_and(listens));
        if !listens {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(ALARM_INTERVAL).await;
    }

    async fn reconcile(&self) -> Result<(), StoreError> {
        let Some(service) = self.store.read(|state| state.services.get(&self.arn).cloned()) else { return Ok(()) };
        let Some(primary) = service.primary() else { return Ok(()) };
        let keepers: Vec<Arc<Keeper>> =
            service.deployments.iter().filter_map(|deployment| self.keeper_of(&service, deployment)).collect();
        self.discharge(&service).await;
        let Some((newest, others)) = keepers.split_first() else { return Ok(()) };
        if newest.is_broken() && primary.rollout == Rollout::InProgress {
            return self.give_up(&service, Failure::CircuitBreaker);
        }
        if let Some(alarm) = self.surroundings.ringing(&service).filter(|_| listens(&service)) {
            self.log.say(&format!("(deployment {}) deployment failed: alarm detected.", primary.id));
            tracing::warn!(service = service.name, alarm, "alarm {alarm} fails a deployment of {}", service.name);
            return self.give_up(&service, Failure::Alarm);
        }
        let desired = service.desired_count;
        let left = others.iter().map(|keeper| keeper.count().0).sum::<u64>();
        let healthy = newest.count().1;
        // A failed deployment that nothing takes the place of keeps what it has, as do those that it was to replace.
        if primary.rollout != Rollout::Failed {
            let ceiling = desired * service.configuration.maximum_percent / 100;
            newest.want(desired.min(ceiling.saturating_sub(left).max(newest.wanted())));
            let floor = (desired * service.configuration.minimum_healthy_percent).div_ceil(100);
            let mut still_needed = floor.saturating_sub(healthy);
            for (keeper, deployment) in others.iter().zip(service.deployments.iter().skip(1)) {
                let most = if deployment.rollout == Rollout::Failed { 0 } else { still_needed };
                keeper.want(keeper.wanted().min(most));
                still_needed = still_needed.saturating_sub(keeper.wanted());
            }
        }
        let settled = desired <= healthy && left == 0 && newest.count().0 <= desired;
        let steady = self.has_baked(&service, settled);
        let is_new = primary.rollout == Rollout::InProgress;
        let mut rollout = service.rollout;
        if steady && (is_new || 1 < service.deployments.len() || rollout == Rollout::InProgress) {
            rollout = self.complete(&service)?;
            newest.complete();
            if is_new {
                self.log.say(&format!("(deployment {}) deployment completed.", primary.id));
            }
        }
        let changed = self.standing.send_if_modified(|standing| {
            let new = Standing { rollout, steady };
            let changed = *standing != new;
            *standing = new;
            changed
        });
        if changed && steady {
            self.log.say("has reached a steady state.");
            // Keepers that are done with.
            self.changed.notify_one();
        }
        Ok(())
    }

    /// A deployment that listens to alarms is complete when they have had the time to ring since its tasks are there.
    fn has_baked(&self, service: &Service, settled: bool) -> bool {
        let mut baking = self.baking.lock().unwrap_or_else(PoisonError::into_inner);
        if !settled || !listens(service) {
            *baking = None;
            return settled;
        }
        let since = *baking.get_or_insert_with(Instant::now);
        self.surroundings.bake_time(service) <= since.elapsed()
    }

    /// The keeper of a deployment; a new one for a new deployment.
    fn keeper_of(&self, service: &Service, deployment: &Deployment) -> Option<Arc<Keeper>> {
        if let Some(known) = self.keeper(&deployment.id) {
            return Some(known);
        }
        let definition =
            self.store.read(|state| state.task_definition(&service.region, &deployment.task_definition).cloned())?;
        // A health check that is gone since leaves the tasks without one, as the load balancer would.
        let group = deployment.target_groups.first();
        let health_check = group.and_then(|group| self.surroundings.balancers.health_check(&group.arn).ok());
        let assignment =
            Assignment { service: service.clone(), deployment: deployment.clone(), definition, health_check };
        let keeper =
            Keeper::new(assignment, Arc::clone(&self.surroundings), Arc::clone(&self.log), Arc::clone(&self.changed));
        if deployment.rollout == Rollout::Completed {
            keeper.complete();
        }
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&keeper));
        Some(keeper)
    }

    /// Ends the keepers of deployments that are not in the books any more.
    async fn discharge(&self, service: &Service) {
        let (staying, going) = {
            let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *keepers).into_iter().partition::<Vec<_>, _>(|keeper| {
                service.deployments.iter().any(|deployment| deployment.id == keeper.deployment.id)
            })
        };
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).extend(staying);
        futures_util::future::join_all(going.iter().map(|keeper| keeper.stop())).await;
    }

    /// Notes that the newest deployment has failed, and puts the last good one in its place if that is wanted.
    fn give_up(&self, service: &Service, failure: Failure) -> Result<(), StoreError> {
        let mut restored = None;
        self.store.change(|state| {
            let Some(service) = state.services.get_mut(&self.arn) else { return Ok(()) };
            (service.rollout, service.failure) = (Rollout::Failed, failure);
            if let Some(primary) = service.deployments.first_mut() {
                primary.rollout = Rollout::Failed;
            }
            let good = service.deployments.iter().position(|deployment| deployment.rollout == Rollout::Completed);
            if let Some(good) = good.filter(|_| service.rolls_back_after(failure)) {
                let deployment = service.deployments.remove(good);
                restored = Some(deployment.id.clone());
                service.deployments.insert(0, deployment);
            }
            Ok::<_, StoreError>(())
        })?;
        if let Some(restored) = restored {
            self.log.say(&format!("rolling back to deployment {restored}."));
        }
        tracing::warn!(service = service.name, ?failure, "a deployment of service {} has failed", service.name);
        self.standing.send_replace(Standing { rollout: Rollout::Failed, steady: false });
        self.changed.notify_one();
        Ok(())
    }

    fn complete(&self, seen: &Service) -> Result<Rollout, StoreError> {
        self.store.change(|state| {
            let Some(service) = state.services.get_mut(&self.arn) else { return Ok(Rollout::Completed) };
            // Somebody may have asked for another change since.
            if service.deployments.first().map(|one| &one.id) != seen.deployments.first().map(|one| &one.id) {
                return Ok(service.rollout);
            }
            service.deployments.truncate(1);
            if let Some(primary) = service.deployments.first_mut() {
                primary.rollout = Rollout::Completed;
            }
            if service.rollout == Rollout::InProgress {
                service.rollout = Rollout::Completed;
            }
            Ok::<_, StoreError>(service.rollout)
        })
    }
}

/// Whether an alarm would fail the deployment that is under way.
fn listens(service: &Service) -> bool {
    let in_progress = |one: &Deployment| one.rollout == Rollout::InProgress && !one.is_deaf;
    service.configuration.alarms.watches && service.primary().is_some_and(in_progress)
}
