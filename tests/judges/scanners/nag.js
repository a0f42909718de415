// cdk-nag's AwsSolutions over templates that CDK did not write, as its README has it: `CfnInclude` in an app.
//
// Usage: node nag.js TEMPLATE…, with the CDK, `constructs` and cdk-nag in NODE_PATH; several as one name each: PATH=NAME.
// Prints {findings: [{template, logicalId, rule, severity, message}], left: […]}: what the rules say, and what they still say
// when every suppression that a resource carries has been acknowledged by CDK's own means. cdk-nag 3 does not read the
// metadata that version 2 wrote, and knows no acknowledgement of a rule as a whole, so both are done here.

const { App, CfnResource, Stack, Validations } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks } = require("cdk-nag");

const app = new App();
const templates = new Map();
const resources = new Map();
process.argv.slice(2).forEach((argument, index) => {
  const at = argument.lastIndexOf("=");
  const stack = new Stack(app, `T${index}`);
  templates.set(stack.node.id, argument.slice(at + 1));
  const template = new CfnInclude(stack, "Template", { templateFile: argument.slice(0, at) });
  for (const child of template.node.findAll()) {
    if (CfnResource.isCfnResource(child)) resources.set(child.node.path, child);
  }
});

function findings() {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, severity, description, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({ rule: ruleName, severity, message: description, path: constructPath })));
}

function told({ path, ...finding }) {
  const parts = path.split("/");
  return { template: templates.get(parts[0]), logicalId: parts.at(-1), ...finding };
}

const all = findings();
for (const { path, rule } of all) {
  const resource = resources.get(path);
  const suppressions = resource.cfnOptions.metadata?.cdk_nag?.rules_to_suppress ?? [];
  const suppression = suppressions.find(({ id }) => id === rule || id === rule.split("[")[0]);
  if (suppression) Validations.of(resource).acknowledge({ id: rule, reason: suppression.reason });
}
process.stdout.write(JSON.stringify({
  resources: resources.size,
  findings: all.map(told),
  left: findings().map(told),
}));
