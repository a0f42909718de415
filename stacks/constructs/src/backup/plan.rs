//! Backups: what a global table cannot give back, since it copies a bad write as faithfully as a good one.

use crate::dynamodb::Table;
use crate::iam::{Condition, Permissions, Role, RoleProps, Statement, TrustedService};
use crate::kms::{Key, Via};
use como_core::resource::Options;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::backup::{self, backup_plan, backup_selection};

#[derive(Debug)]
pub struct DailyBackupProps<'a> {
    /// Of the vault and of the plan.
    pub name: String,
    pub key: &'a Key,
    pub tables: &'a [&'a Table],
    pub keep_days: u32,
}

/// At an hour when members sleep in Singapore, 03:00 there; the job begins within an hour and has three.
const SCHEDULE: &str = "cron(0 19 * * ? *)";
const START_WINDOW_MINUTES: f64 = 60.0;
const COMPLETION_WINDOW_MINUTES: f64 = 180.0;

/// Copies the tables every day into a vault of their own, encrypted with a customer key.
pub fn daily_backup(scope: &mut Scope<'_>, id: &str, props: &DailyBackupProps<'_>) {
    let mut scope = scope.child(id);
    let vault = scope.add(
        "Vault",
        backup::BackupVault {
            encryption_key_arn: Some(props.key.arn()),
            ..backup::BackupVault::new(props.name.as_str())
        },
    );
    let rule = backup_plan::BackupRuleResourceType {
        schedule_expression: Some(SCHEDULE.into()),
        start_window_minutes: Some(START_WINDOW_MINUTES.into()),
        completion_window_minutes: Some(COMPLETION_WINDOW_MINUTES.into()),
        lifecycle: Some(backup_plan::LifecycleResourceType {
            delete_after_days: Some(f64::from(props.keep_days).into()),
            ..backup_plan::LifecycleResourceType::new()
        }),
        ..backup_plan::BackupRuleResourceType::new("daily", vault.reference())
    };
    let plan = backup::BackupPlan::new(backup_plan::BackupPlanResourceType::new(props.name.as_str(), vec![rule]));
    let plan = scope.add("Plan", plan);
    let role = role(&mut scope, props);
    let resources: Vec<Value<String>> = props.tables.iter().map(|table| table.arn()).collect();
    let selection = backup_selection::BackupSelectionResourceType {
        resources: Some(resources.into()),
        ..backup_selection::BackupSelectionResourceType::new(role.arn(), "tables")
    };
    scope.add("Selection", backup::BackupSelection::new(plan.get(backup::BackupPlan::BACKUP_PLAN_ID), selection));
}

/// The part of AWS's own policy that concerns tables, for these tables: that policy may back up the whole account.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html>
fn role(scope: &mut Scope<'_>, props: &DailyBackupProps<'_>) -> Role {
    let mut permissions = Permissions::none();
    for table in props.tables {
        let actions = [
            "dynamodb:CreateBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:StartAwsBackupJob",
        ];
        permissions.add(Statement::allow(actions, [table.arn()]));
        let backups = Value::join("/", [table.arn(), "backup".into(), "*".into()]);
        permissions.add(
            Statement::allow(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], [backups])
                .with_wildcard_because("a backup has a name only once it has been made"),
        );
    }
    props.key.grant_encrypt_decrypt(&mut permissions, Via::DynamoDb);
    let for_a_service = Condition { operator: "Bool", key: "kms:GrantIsForAWSResource", values: vec!["true".into()] };
    permissions
        .add(Statement { conditions: vec![for_a_service], ..Statement::allow(["kms:CreateGrant"], [props.key.arn()]) });
    Role::new(
        scope,
        "Role",
        RoleProps {
            description: "Backs up the tables of the environment",
            trusted: TrustedService::Backup,
            permissions,
            managed_policies: Vec::new(),
            options: Options::default(),
        },
    )
}
