//! Carries out what CloudFormation cannot do, before a stack and after it.
//!
//! Every step looks first and does what is missing, so that it may be cut off anywhere and begun again. A site's marker is put
//! last, after its distribution was asked to forget: where a run was cut off between the two, the next one asks once more.

use crate::changes::Outputs;
use crate::code::Code;
use crate::create::{Halt, Work};
use crate::error::CloudError;
use crate::event::About;
use crate::port::{GroupRule, Put};
use crate::report::{ErrorReport, RowReport, StackFailure, StackReport, StepReport};
use crate::rows::Row;
use crate::run::{Run, Subject};
use crate::step::{Object, Place, Site, Step, Task};
use crate::survey::Found;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Objects that are looked at at once.
const LOOKS_AT_ONCE: usize = 8;

/// Leaves of the steps of a stack that exists what is not done yet.
pub(crate) async fn unfinished(
    run: &Run<'_>,
    subject: Subject<'_>,
    all: &Found,
    steps: Vec<Step>,
) -> Result<Vec<Step>, CloudError> {
    let mut left = Vec::new();
    for Step { stack, task } in steps {
        let output = |name: &str| output(all, subject.region, subject.name, name);
        let task = match task {
            Task::Rows { table, rows } => {
                let rows = missing(run, subject, &table, rows).await?;
                (!rows.is_empty()).then_some(Task::Rows { table, rows })
            }
            Task::Objects { parameter, objects } => {
                let found = all.get(&(subject.region.to_owned(), subject.name.to_owned()));
                let is_done = match found.and_then(|stack| stack.parameters.get(&parameter)) {
                    Some(bucket) => differing(run, subject, subject.region, bucket, &objects).await?.is_empty(),
                    None => false,
                };
                (!is_done).then_some(Task::Objects { parameter, objects })
            }
            Task::Site(site) => (!is_published(run, subject, all, &site).await?).then_some(Task::Site(site)),
            Task::EmptyGroup { output: name } => {
                let is_done = match output(&name) {
                    Some(group) => rules(run, subject, group).await?.is_empty(),
                    None => false,
                };
                (!is_done).then_some(Task::EmptyGroup { output: name })
            }
        };
        left.extend(task.map(|task| Step { stack, task }));
    }
    Ok(left)
}

fn output<'f>(all: &'f Found, region: &str, stack: &str, output: &str) -> Option<&'f str> {
    let stack = all.get(&(region.to_owned(), stack.to_owned()))?;
    stack.outputs.get(output).map(String::as_str)
}

async fn missing(run: &Run<'_>, subject: Subject<'_>, table: &str, rows: Vec<Row>) -> Result<Vec<Row>, CloudError> {
    let mut missing = Vec::new();
    for row in rows {
        let contains = async || run.ports.configuration.contains(subject.region, table, &row).await;
        if !run.call(Some(subject), contains).await? {
            missing.push(row);
        }
    }
    Ok(missing)
}

/// Whether all files are in all buckets, and the distribution knows.
async fn is_published(run: &Run<'_>, subject: Subject<'_>, all: &Found, site: &Site) -> Result<bool, CloudError> {
    let marker = [site.marker()];
    for (index, place) in site.buckets.iter().enumerate() {
        let Some(bucket) = output(all, &place.region, &place.stack, &place.output) else { return Ok(false) };
        let is_stale = index == 0 && !differing(run, subject, &place.region, bucket, &marker).await?.is_empty();
        if is_stale || !differing(run, subject, &place.region, bucket, &site.objects).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The objects that are not in the bucket as they should be, in their order.
async fn differing<'o>(
    run: &Run<'_>,
    subject: Subject<'_>,
    region: &str,
    bucket: &str,
    objects: &'o [Object],
) -> Result<Vec<&'o Object>, CloudError> {
    let looked: Vec<Option<&Object>> = stream::iter(objects)
        .map(async |object| {
            let look = async || run.ports.buckets.fingerprint(region, bucket, &object.key).await;
            let found = run.call(Some(subject), look).await?;
            Ok::<_, CloudError>((found.as_ref() != Some(&object.fingerprint)).then_some(object))
        })
        .buffered(LOOKS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(looked.into_iter().flatten().collect())
}

async fn rules(run: &Run<'_>, subject: Subject<'_>, group: &str) -> Result<Vec<GroupRule>, CloudError> {
    run.call(Some(subject), async || run.ports.security_groups.rules(subject.region, group).await).await
}

impl Work<'_> {
    /// Does what is to be done before the stack, whose needs are met.
    pub(crate) async fn prepare(&self, report: &mut StackReport) -> Result<(), Halt> {
        for step in &self.stack.steps {
            if let Task::Objects { parameter, objects } = &step.task {
                let parameters = self.parameters()?;
                let bucket = parameters.get(parameter).ok_or_else(|| no_value(self.subject.name, parameter))?;
                report.steps.push(self.put_objects(self.subject.region, bucket, objects).await?);
            }
        }
        Ok(())
    }

    /// Does what is to be done after the stack, now that it is up with the outputs of the report.
    pub(crate) async fn finish(&self, report: &mut StackReport) -> Result<(), Halt> {
        for step in &self.stack.steps {
            match &step.task {
                Task::Rows { table, rows } => self.put_rows(table, rows, &mut report.rows).await?,
                // That was done before.
                Task::Objects { .. } => {}
                Task::Site(site) => self.publish(site, report).await?,
                Task::EmptyGroup { output } => {
                    let group = self.own(&report.outputs, output)?.to_owned();
                    report.steps.push(self.empty(group).await?);
                }
            }
        }
        Ok(())
    }

    async fn put_rows(&self, table: &str, rows: &[Row], reports: &mut Vec<RowReport>) -> Result<(), Halt> {
        for row in rows {
            let configuration = self.run.ports.configuration;
            let put = async || configuration.put_if_absent(self.subject.region, table, row).await;
            let put = self.run.call(Some(self.subject), put).await?;
            let code = match put {
                Put::Written => Code::RowWritten,
                Put::Present => Code::RowPresent,
            };
            let (table, key) = (table.to_owned(), row.key.clone());
            let about = About { table: Some(table.clone()), key: Some(key.clone()), ..self.subject.about() };
            self.run.tell(code, about);
            reports.push(RowReport { table, key, put });
        }
        Ok(())
    }

    async fn put_objects(&self, region: &str, bucket: &str, objects: &[Object]) -> Result<StepReport, Halt> {
        let differing = differing(self.run, self.subject, region, bucket, objects).await?;
        let about = || About { bucket: Some(bucket.to_owned()), ..self.subject.about() };
        for object in &differing {
            let put = async || self.run.ports.buckets.put_object(region, bucket, object).await;
            self.run.call(Some(self.subject), put).await?;
            self.run.tell(Code::ObjectWritten, About { key: Some(object.key.clone()), ..about() });
        }
        self.run.tell(Code::ObjectsReady, about());
        let (written, unchanged) = (differing.len(), objects.len() - differing.len());
        Ok(StepReport::Objects { bucket: bucket.to_owned(), written, unchanged })
    }

    async fn publish(&self, site: &Site, report: &mut StackReport) -> Result<(), Halt> {
        let mut first = None;
        for place in &site.buckets {
            let bucket = self.at(place, &report.outputs)?.to_owned();
            let put = self.put_objects(&place.region, &bucket, &site.objects).await?;
            report.steps.push(put);
            first.get_or_insert((&place.region, bucket));
        }
        let Some((region, bucket)) = first else { return Ok(()) };
        let marker = site.marker();
        let markers = std::slice::from_ref(&marker);
        if differing(self.run, self.subject, region, &bucket, markers).await?.is_empty() {
            return Ok(());
        }
        let distribution = self.at(&site.distribution, &report.outputs)?.to_owned();
        let reference = self.attempt.token("invalidate", self.subject.region, self.subject.name);
        let invalidate = async || self.run.ports.distributions.invalidate(&distribution, &reference).await;
        self.run.call(Some(self.subject), invalidate).await?;
        let about = About { physical_id: Some(distribution.clone()), ..self.subject.about() };
        self.run.tell(Code::CacheCleared, about);
        report.steps.push(StepReport::CacheCleared { distribution });
        let put = async || self.run.ports.buckets.put_object(region, &bucket, &marker).await;
        Ok(self.run.call(Some(self.subject), put).await?)
    }

    async fn empty(&self, group: String) -> Result<StepReport, Halt> {
        let rules = rules(self.run, self.subject, &group).await?;
        if !rules.is_empty() {
            let revoke = async || self.run.ports.security_groups.revoke(self.subject.region, &group, &rules).await;
            self.run.call(Some(self.subject), revoke).await?;
        }
        let about = About { physical_id: Some(group.clone()), ..self.subject.about() };
        self.run.tell(Code::GroupEmptied, about);
        Ok(StepReport::GroupEmptied { group, rules: rules.len() })
    }

    /// An output of this stack or of one that it reads.
    fn at<'o>(&'o self, place: &Place, own: &'o Outputs) -> Result<&'o str, Halt> {
        if place.stack == self.subject.name {
            return self.own(own, &place.output);
        }
        let outputs = self.upstream.get(&place.stack);
        let value = outputs.and_then(|outputs| outputs.get(&place.output));
        value.map(String::as_str).ok_or_else(|| no_value(&place.stack, &place.output))
    }

    fn own<'o>(&self, outputs: &'o Outputs, output: &str) -> Result<&'o str, Halt> {
        outputs.get(output).map(String::as_str).ok_or_else(|| no_value(self.subject.name, output))
    }
}

fn no_value(stack: &str, name: &str) -> Halt {
    let error = ErrorReport {
        code: "COMO_STEP_VALUE".to_owned(),
        doing: format!("{name} of {stack}, which a step of the deployment needs, does not exist"),
        message: None,
        request_id: None,
        hint: Some("mend the topology: the step and the stack must agree on the name".to_owned()),
        internal: Vec::new(),
    };
    Halt::Failed(Box::new(StackFailure { error: Some(error), ..StackFailure::default() }))
}
