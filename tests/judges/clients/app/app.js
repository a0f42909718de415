// A small CDK app that is nobody's topology: a queue, a table, a parameter and a role, with a grant between them.
const { App, Stack, CfnOutput, LegacyStackSynthesizer, RemovalPolicy } = require('aws-cdk-lib');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const iam = require('aws-cdk-lib/aws-iam');
const sqs = require('aws-cdk-lib/aws-sqs');
const ssm = require('aws-cdk-lib/aws-ssm');

// The default synthesizer wants the roles and the bucket of a bootstrapped account.
const app = new App();
const env = { account: '123456789012', region: 'ap-southeast-1' };
const stack = new Stack(app, 'judge-app', { env, synthesizer: new LegacyStackSynthesizer() });

const queue = new sqs.Queue(stack, 'Orders', { fifo: true });
const table = new dynamodb.TableV2(stack, 'Items', {
  partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
  removalPolicy: RemovalPolicy.DESTROY,
});
const role = new iam.Role(stack, 'Worker', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
// Not by the role's own policy: AWS::IAM::Policy is not among the topology's types, and only those are there.
const access = new iam.ManagedPolicy(stack, 'Access', { roles: [role] });
queue.grantConsumeMessages(access);
table.grantReadWriteData(access);
new ssm.StringParameter(stack, 'Setting', { parameterName: '/judge-app/setting', stringValue: app.node.tryGetContext('setting') ?? 'first' });
new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
new CfnOutput(stack, 'TableName', { value: table.tableName });
