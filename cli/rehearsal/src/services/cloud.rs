//! All hosted services together.

use super::adoption::{self, Claim};
use super::autoscaling::AutoScaling;
use super::certificates::Certificates;
use super::cloudfront::{self, CloudFront};
use super::cloudwatch::AlarmState;
use super::cognito::Cognito;
use super::declared::Declared;
use super::dynamodb::{DynamoDb, OpenDynamoDbError};
use super::ec2::Ec2;
use super::ecr::{self, Ecr};
use super::events::News;
use super::messaging::{Messaging, Standing};
use super::names::Names;
use super::owners::Owner;
use super::parameters::Parameters;
use super::secrets::Secrets;
use super::store::StoreError;
use super::watching::Watching;
use super::{reading, sts, wire};
use crate::ecs::{Ecs, Surroundings};
use crate::hosting::{Hosted, HostingOptions};
use crate::provision::{
    CreateRequest, DeleteRequest, Found, Lookup, Notice, ProvisionError, Provisioned, Provisioner, ReadRequest,
    Reading, UpdateRequest,
};
use crate::router::{Behind, LoadBalancers, OpenRestApisError, RestApis};
use crate::status::HostedStatus;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Error)]
pub enum OpenServicesError {
    #[error("could not create the folder of the services' state")]
    Folder(#[source] std::io::Error),
    #[error("could not load the state of the services")]
    Load(#[from] StoreError),
    #[error("could not open the tables")]
    Tables(#[from] OpenDynamoDbError),
    #[error("could not open the public doors")]
    Doors(#[from] OpenRestApisError),
    #[error("could not make an HTTP client for health checks")]
    Client(#[source] reqwest::Error),
}

/// Doors of distributions are looked for so many ports after those of APIs.
const FIRST_EDGE: u16 = 100;

/// Every service but CloudFormation.
pub struct Services {
    account: String,
    autoscaling: Arc<AutoScaling>,
    certificates: Certificates,
    cloudfront: Arc<CloudFront>,
    cognito: Arc<Cognito>,
    pub(super) declared: Arc<Declared>,
    pub(super) dynamodb: Arc<DynamoDb>,
    ec2: Ec2,
    pub(super) ecr: Arc<Ecr>,
    ecs: Arc<Ecs>,
    balancers: Arc<LoadBalancers>,
    pub(super) messaging: Messaging,
    pub(super) parameters: Arc<Parameters>,
    background: Background,
    rest_apis: Arc<RestApis>,
    pub(super) secrets: Arc<Secrets>,
    watching: Watching,
}

/// What goes on without being asked: carrying things from region to region, expiry, scaling.
struct Background {
    stop: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Background {
    async fn stop(&self) {
        self.stop.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            // What it was doing is done when it returns.
            let _ = task.await;
        }
    }
}

impl Services {
    /// Loads the state and starts what was running: tasks and public doors.
    pub async fn open(options: HostingOptions) -> Result<Arc<Self>, OpenServicesError> {
        let HostingOptions { dir, log_dir, account, endpoint, router_port, program, clock, regions, seeding } = options;
        fs_err::create_dir_all(&dir).map_err(OpenServicesError::Folder)?;
        let secrets = Arc::new(Secrets::open(&dir, &account, Arc::clone(&seeding), Arc::clone(&regions))?);
        let parameters = Arc::new(Parameters::open(&dir, &account)?);
        let cognito = Arc::new(Cognito::open(&dir, &account)?);
        let dynamodb =
            Arc::new(DynamoDb::open(&dir, &account, Arc::clone(&seeding), Arc::clone(&regions), Arc::clone(&clock))?);
        let declared = Arc::new(Declared::open(&dir)?);
        let watching = Watching::open(&dir, &account, &clock, &regions)?;
        let standing = Standing {
            account: account.clone(),
            endpoint: endpoint.clone(),
            log_dir: log_dir.clone(),
            clock: Arc::clone(&clock),
            regions: Arc::clone(&regions),
            route53: Arc::clone(&watching.route53),
        };
        let messaging = Messaging::open(&dir, standing)?;
        let registry = ecr::Surroundings {
            account: account.clone(),
            endpoint: endpoint.clone(),
            seeding: Arc::clone(&seeding),
            events: messaging.events(),
            regions: Arc::clone(&regions),
        };
        let ecr = Arc::new(Ecr::open(&dir, registry)?);
        let balancers = Arc::new(LoadBalancers::open(&dir)?);
        // No proxy: tasks are on loopback. No roots: nothing here speaks TLS, and a machine may have none.
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build();
        let surroundings = Surroundings {
            endpoint,
            program,
            log_dir,
            clock: Arc::clone(&clock),
            balancers: Arc::clone(&balancers),
            images: Arc::clone(&ecr),
            secrets: Arc::clone(&secrets),
            parameters: Arc::clone(&parameters),
            alarms: Arc::clone(&watching.cloudwatch),
            events: messaging.events(),
            logs: messaging.logs(),
            ending: CancellationToken::new(),
            client: client.map_err(OpenServicesError::Client)?,
        };
        let client = surroundings.client.clone();
        let ecs = Arc::new(Ecs::open(&dir, surroundings)?);
        let alarms = Arc::clone(&watching.cloudwatch);
        let autoscaling = AutoScaling::open(&dir, &account, alarms, Arc::clone(&ecs), clock)?;
        let autoscaling = Arc::new(autoscaling);
        let certificates = Certificates::open(&dir, &account, Arc::clone(&watching.route53))?;
        let ec2 = Ec2::open(&dir, &account, Arc::clone(&declared))?;
        let edges = cloudfront::Surroundings {
            account: account.clone(),
            s3: messaging.s3(),
            declared: Arc::clone(&declared),
            regions: Arc::clone(&regions),
            first_port: if router_port == 0 { 0 } else { router_port.saturating_add(FIRST_EDGE) },
        };
        let cloudfront = CloudFront::open(&dir, edges).await?;
        let names = Names {
            route53: Arc::clone(&watching.route53),
            declared: Arc::clone(&declared),
            cloudfront: Arc::clone(&cloudfront),
        };
        let behind =
            Behind { balancers: Arc::clone(&balancers), cognito: Arc::clone(&cognito), names: Arc::new(names) };
        let rest_apis = RestApis::open(&dir, router_port, behind, Arc::clone(&regions)).await?;
        let rest_apis = Arc::new(rest_apis);
        let behind_names = Arc::downgrade(&rest_apis);
        cloudfront.show_doors(Box::new(move |name: &str| Some(behind_names.upgrade()?.leads_to(name, "/")?.0)));
        watching.start(client, rest_apis.clone(), messaging.bells(), regions);
        let stop = CancellationToken::new();
        let tasks = vec![
            tokio::spawn(Arc::clone(&dynamodb).replicate_until(stop.clone())),
            tokio::spawn(Arc::clone(&ecr).replicate_until(stop.clone())),
            tokio::spawn(Arc::clone(&secrets).replicate_until(stop.clone())),
            tokio::spawn(Arc::clone(&dynamodb).expire_until(stop.clone())),
            tokio::spawn(Arc::clone(&autoscaling).act_until(stop.clone())),
        ];
        let background = Background { stop, tasks: Mutex::new(tasks) };
        Ok(Arc::new(Self {
            account,
            autoscaling,
            certificates,
            cloudfront,
            cognito,
            declared,
            dynamodb,
            ec2,
            ecr,
            ecs,
            balancers,
            messaging,
            parameters,
            background,
            rest_apis,
            secrets,
            watching,
        }))
    }
}

impl Services {
    /// What was mailed from a region, as JSON, oldest first.
    pub(crate) fn mails(&self, region: &str) -> Result<Vec<serde_json::Value>, StoreError> {
        self.messaging.mails(region)
    }

    /// The claims of a token of the pool with this ARN; none of one that is not to be believed.
    pub(crate) fn claims(&self, pool: &str, token: &str) -> Option<super::cognito::Claims> {
        self.cognito.verify(pool, token).ok()
    }
}

#[async_trait]
impl Provisioner for Services {
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.certificates.check(&request)?;
        match Owner::of(&request.resource_type) {
            Owner::AutoScaling => self.autoscaling.create(&request),
            Owner::Certificates => self.certificates.create(&request),
            Owner::CloudFront => self.cloudfront.create(&request).await,
            Owner::Cognito => self.cognito.create(&request),
            Owner::DynamoDb => self.dynamodb.create(request).await,
            Owner::Ecr => self.ecr.create(&request),
            Owner::Ecs => self.ecs.create(&request),
            Owner::LoadBalancers => self.balancers.create(&request),
            Owner::Messaging => self.messaging.create(&request).await,
            Owner::Parameters => self.parameters.create(&request),
            Owner::RestApis => self.rest_apis.create(&request).await,
            Owner::Secrets => self.secrets.create(&request),
            Owner::Watching => self.watching.create(&request),
            Owner::Declared => self.declared.create(&request),
        }
    }

    async fn stabilise(&self, request: &CreateRequest, provisioned: &Provisioned) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Owner::Certificates => self.certificates.stabilise(&provisioned.physical_id).await,
            Owner::Ecs => self.ecs.stabilise(&request.resource_type, &provisioned.physical_id).await,
            // The others work as soon as they exist.
            _ => Ok(()),
        }
    }

    async fn update(&self, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.certificates.check(&request.wanted)?;
        match Owner::of(&request.wanted.resource_type) {
            Owner::AutoScaling => self.autoscaling.update(&request),
            Owner::Certificates => self.certificates.update(&request),
            Owner::CloudFront => self.cloudfront.update(&request).await,
            Owner::Cognito => self.cognito.update(&request),
            Owner::DynamoDb => self.dynamodb.update(request).await,
            Owner::Ecr => self.ecr.update(&request),
            Owner::Ecs => self.ecs.update(&request),
            Owner::LoadBalancers => self.balancers.update(&request),
            Owner::Messaging => self.messaging.update(&request).await,
            Owner::Parameters => self.parameters.update(&request),
            Owner::RestApis => self.rest_apis.update(&request).await,
            Owner::Secrets => self.secrets.update(&request),
            Owner::Watching => self.watching.update(&request),
            Owner::Declared => self.declared.update(&request),
        }
    }

    async fn look_up(&self, region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
        reading::look_up(self, region, lookup).await
    }

    async fn read(&self, request: &ReadRequest) -> Result<Reading, ProvisionError> {
        reading::read(self, request).await
    }

    async fn is_ringing(&self, region: &str, alarm: &str) -> Option<bool> {
        let name = alarm.split(":alarm:").nth(1)?;
        self.watching.cloudwatch.alarm(region, name).map(|state| state == AlarmState::Alarm)
    }

    async fn announce(&self, notice: Notice) {
        let Notice { region, kind, resources, detail } = notice;
        let news = News { source: "aws.cloudformation", kind, resources, detail };
        self.messaging.events().announce(&region, news);
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), ProvisionError> {
        self.messaging.publish(topic, subject, text)
    }

    async fn contents(&self, request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
        reading::contents(self, request).await
    }

    async fn find(&self, request: &CreateRequest) -> Result<Option<String>, ProvisionError> {
        let found = adoption::claim(self, request, Claim::Look).await?;
        Ok(found.map(|found| found.physical_id))
    }

    async fn adopt(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        let taken = adoption::claim(self, &request, Claim::Take).await?;
        let message = || format!("{} {} was not found.", request.resource_type, request.logical_id);
        taken.ok_or_else(|| ProvisionError::Refused { message: message() })
    }

    async fn delete(&self, request: DeleteRequest) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Owner::AutoScaling => self.autoscaling.delete(&request),
            Owner::Certificates => self.certificates.delete(&request),
            Owner::CloudFront => self.cloudfront.delete(&request).await,
            Owner::Cognito => self.cognito.delete(&request),
            Owner::DynamoDb => self.dynamodb.delete(request).await,
            Owner::Ecr => self.ecr.delete(&request),
            Owner::Ecs => self.ecs.delete(&request).await,
            Owner::LoadBalancers => self.balancers.delete(&request),
            Owner::Messaging => self.messaging.delete(&request).await,
            Owner::Parameters => self.parameters.delete(&request),
            Owner::RestApis => self.rest_apis.delete(&request).await,
            Owner::Secrets => self.secrets.delete(&request),
            Owner::Watching => self.watching.delete(&request),
            Owner::Declared => self.declared.delete(&request),
        }
    }
}

#[async_trait]
impl Hosted for Services {
    async fn handle(&self, region: &str, service: &str, request: http::Request<Bytes>) -> http::Response<Bytes> {
        match service {
            "acm" => self.certificates.handle(region, &request),
            "application-autoscaling" => self.autoscaling.handle(region, &request),
            "cloudfront" => self.cloudfront.handle(&request),
            "cognito-idp" => self.cognito.handle(region, &request),
            "dynamodb" => self.dynamodb.handle(region, request).await,
            "ec2" => self.ec2.handle(region, &request),
            "ecr" => self.ecr.handle(region, &request),
            "ecs" => self.ecs.handle(&self.account, region, &request),
            "secretsmanager" => self.secrets.handle(region, &request),
            "ssm" => self.parameters.handle(region, &request),
            "sts" => sts::handle(&self.account, &request),
            "monitoring" => self.watching.cloudwatch.handle(region, &request),
            "route53" => self.watching.route53.handle(&request),
            "" => {
                let answer = self.cognito.published(request.uri().path());
                let answer = answer.or_else(|| self.cognito.token_endpoint(&request));
                answer.or_else(|| self.ecr.registry(&request)).unwrap_or_else(|| wire::not_there("unsigned", &request))
            }
            other => match self.messaging.handle(region, other, &request).await {
                Some(response) => response,
                None => wire::not_there(other, &request),
            },
        }
    }

    fn region_of_client(&self, client: &str) -> Option<String> {
        self.cognito.region_of_client(client)
    }

    async fn status(&self) -> HostedStatus {
        let mut waiting = self.dynamodb.waiting();
        for (link, count) in self.secrets.waiting().into_iter().chain(self.ecr.waiting()) {
            *waiting.entry(link).or_default() += count;
        }
        let mut endpoints = self.rest_apis.endpoints().await;
        endpoints.extend(self.cloudfront.endpoints());
        endpoints.sort_by(|one, other| one.url.cmp(&other.url));
        HostedStatus { tasks: self.ecs.tasks(), endpoints, waiting }
    }

    async fn stop(&self) {
        self.watching.stop().await;
        self.rest_apis.stop().await;
        self.cloudfront.stop().await;
        self.background.stop().await;
        self.ecs.stop().await;
        // After the tasks, whose last words still get into the logs.
        self.messaging.stop().await;
    }
}
