import { mutantsOf } from "../mutant.ts"

const app = mutantsOf("lib/stacks/app.ts", "app")
const functions = mutantsOf("lib/constructs/sale-functions.ts", "app")
const deployment = mutantsOf("lib/constructs/deployment.ts", "app")
const custom = mutantsOf("lib/constructs/custom-resources.ts", "app")
const role = mutantsOf("lib/constructs/deploy-role.ts", "pipeline")
const pipeline = mutantsOf("lib/stacks/pipeline.ts", "pipeline")
const tags = mutantsOf("lib/constructs/tags.ts", "templates")

/** How a new version comes, who brings it, what it costs, whose it is. */
export const deploys = [
  app("migrations come before functions", "at the same time", "      other.function.node.addDependency(migrated.resource)\n", "      if (other.name === 'health') other.function.node.addDependency(migrated.resource)\n"),
  app("migrations come before functions", "once, and never again", "properties: { Schema: schemaFingerprint() }", 'properties: { Schema: "1" }'),
  custom("migrations come before functions", "a new topic is not noticed", ".update(JSON.stringify(topics))", '.update("")'),
  custom("migrations come before functions", "a changed migration is not noticed", "hash.update(file).update(readFileSync(join(database, file)))", "hash.update(readFileSync(join(database, file)).subarray(0, 0))"),

  functions("versions shift slowly and go back on an alarm", "the writer does too", "versioned: serving.has(name) && !onInstances", "versioned: !onInstances"),
  deployment("versions shift slowly and go back on an alarm", "without an alarm", "alarms: [this.alarm(stage, target)]", "alarms: []"),
  deployment("versions shift slowly and go back on an alarm", "the alarm stops nothing", "deploymentInAlarm: true", "deploymentInAlarm: false"),
  deployment("versions shift slowly and go back on an alarm", "at once", "CANARY_10PERCENT_5MINUTES", "ALL_AT_ONCE"),
  deployment("versions shift slowly and go back on an alarm", "half of the calls may fail", "errorsAllowedPercent = 1", "errorsAllowedPercent = 50"),
  deployment("versions shift slowly and go back on an alarm", "the alarm counts calls", "crashes: target.metricErrors({ period })", "crashes: target.metricInvocations({ period })"),
  deployment("versions shift slowly and go back on an alarm", "after ten minutes", "evaluationPeriods: 1,\n      datapointsToAlarm: 1", "evaluationPeriods: 10,\n      datapointsToAlarm: 10"),
  app("versions shift slowly and go back on an alarm", "one function is left out", "functions.api.filter(({ alias }) => alias !== undefined)", "functions.api.filter(({ alias, name }) => alias !== undefined && name !== 'health')"),

  role("only our workflow deploys, with no key", "any environment", ":environment:${stage.name}`", ":environment:*`"),
  role("only our workflow deploys, with no key", "any audience", '          [`${issuer}:aud`]: "sts.amazonaws.com",\n', ""),
  role("only our workflow deploys, with no key", "any repository", "`repo:${stage.pipeline.repository}:", "`repo:*:"),
  role("only our workflow deploys, with no key", "patterns for names", "        StringEquals: {", "        StringLike: {"),
  role("only our workflow deploys, with no key", "any role of the account", "/cdk-${bootstrapQualifier}-${role}-${account}-${region}`", "/*`"),
  role("only our workflow deploys, with no key", "more than taking on roles", 'new PolicyStatement({\n              actions: ["sts:AssumeRole"]', 'new PolicyStatement({\n              actions: ["sts:AssumeRole", "iam:PassRole"]'),

  role("no deploy while a sale is open", "no freeze", "...stage.sales.map((sale) => freeze(sale, frozen))", "...stage.sales.slice(1).map((sale) => freeze(sale, frozen))"),
  role("no deploy while a sale is open", "a freeze that allows", "effect: Effect.DENY", "effect: Effect.ALLOW"),
  role("no deploy while a sale is open", "it begins ten minutes before", "freezeBefore = Duration.hours(1)", "freezeBefore = Duration.minutes(10)"),
  role("no deploy while a sale is open", "it ends with the sale", "freezeAfter = Duration.minutes(30)", "freezeAfter = Duration.minutes(0)"),
  role("no deploy while a sale is open", "it forgets the last hold", "holdSeconds * 1_000 + freezeAfter", "freezeAfter"),
  role("no deploy while a sale is open", "a session outlives its start", "longestSession = Duration.hours(1)", "longestSession = Duration.hours(4)"),
  role("no deploy while a sale is open", "files may be published", "arnsOf(deployingRoles, stage.region)", 'arnsOf(["file-publishing-role"], stage.region)'),

  pipeline("money is watched", "nobody is told", "subscribers: stage.alarmEmails.P2.map", "subscribers: stage.alarmEmails.P2.slice(1).map"),
  pipeline("money is watched", "at eight times the budget", "threshold: 80", "threshold: 800"),
  pipeline("money is watched", "nothing is foreseen", '  { notificationType: "FORECASTED", threshold: 100 },\n', ""),
  pipeline("money is watched", "a limit of another stage", "amount: stage.budgetUsdPerMonth", "amount: 1_000_000"),
  pipeline("money is watched", "when little is spent", 'comparisonOperator: "GREATER_THAN"', 'comparisonOperator: "LESS_THAN"'),

  tags("everything says whose it is", "not which stage", '  Tags.of(scope).add("stage", name)\n', ""),
  tags("everything says whose it is", "not which project", '  Tags.of(scope).add("project", "flash-sale")\n', ""),
  mutantsOf("lib/flash-sale.ts", "templates")("everything says whose it is", "nobody says it", "    tagStage(this, stage)\n", "    if (stage.region === '') tagStage(this, stage)\n"),

  ...(
    [
      ["lib/constructs/sale-function.ts", "functions'"],
      ["lib/constructs/event-log.ts", "brokers'"],
      ["lib/constructs/database.ts", "PostgreSQL's"],
      ["lib/constructs/http-api.ts", "the API's"],
      ["lib/constructs/web-acl.ts", "the firewall's"],
      ["lib/constructs/custom-resources.ts", "deployments'"],
    ] as const
  ).map(([file, whose]) => mutantsOf(file, "templates")("logs are kept as long as the stage says", `${whose} for ten years`, "retention: stage.logRetentionDays", "retention: 3_653")),
]
