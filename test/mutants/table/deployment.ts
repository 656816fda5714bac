import { type BrokenPromise, inFile } from "../mutant.ts"

const app = inFile("lib/stacks/app.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const deployment = inFile("lib/constructs/deployment.ts", "app")
const custom = inFile("lib/constructs/custom-resources.ts", "app")
const role = inFile("lib/constructs/deploy-role.ts", "pipeline")
const pipeline = inFile("lib/stacks/pipeline.ts", "pipeline")
const tags = inFile("lib/constructs/tags.ts", "templates")

/** How a new version is deployed, and by whom; what it costs; which logs stay. */
export const deploymentMutants: readonly BrokenPromise[] = [
  {
    promise: "migrations come before functions",
    mutants: [
      {
        ...app,
        name: "at the same time",
        replace: "      other.function.node.addDependency(migrated.resource)\n",
        with: "      if (other.name === 'health') other.function.node.addDependency(migrated.resource)\n",
      },
      {
        ...app,
        name: "migrations run once only",
        replace: "properties: { Schema: schemaFingerprint(generationOf(stage)) }",
        with: 'properties: { Schema: "1" }',
      },
      { ...custom, name: "a new topic is not noticed", replace: ".update(JSON.stringify(topics))", with: '.update("")' },
      {
        ...custom,
        name: "a changed migration is not noticed",
        replace: "hash.update(file).update(readFileSync(join(database, file)))",
        with: "hash.update(readFileSync(join(database, file)).subarray(0, 0))",
      },
    ],
  },
  {
    promise: "versions shift slowly and roll back on an alarm",
    mutants: [
      {
        ...functions,
        name: "consumers of events shift too",
        replace: "versioned: (serving.has(name) && !onInstances) || aliasedConsumers.has(name)",
        with: "versioned: !onInstances",
      },
      {
        ...app,
        name: "the writer shifts slowly",
        replace: "functions: functions.api.filter(({ alias }) => alias !== undefined)",
        with: "functions: Object.values(functions.all).filter(({ alias }) => alias !== undefined)",
      },
      {
        ...inFile("lib/constructs/event-source.ts", "app"),
        name: "the writer is fed beside its alias",
        replace: "functionName: consumer.target.functionArn",
        with: "functionName: consumer.function.functionArn",
      },
      { ...deployment, name: "without an alarm", replace: "alarms: [this.alarm(stage, target)]", with: "alarms: []" },
      { ...deployment, name: "the alarm stops nothing", replace: "deploymentInAlarm: true", with: "deploymentInAlarm: false" },
      { ...deployment, name: "all traffic at once", replace: "CANARY_10PERCENT_5MINUTES", with: "ALL_AT_ONCE" },
      {
        ...deployment,
        name: "half of the calls may fail",
        replace: "errorsAllowedPercent = 1",
        with: "errorsAllowedPercent = 50",
      },
      {
        ...deployment,
        name: "the alarm counts invocations",
        replace: '"Errors", dimensions',
        with: '"Invocations", dimensions',
      },
      {
        ...deployment,
        name: "after ten minutes",
        replace: ["evaluationPeriods: 1,", "      datapointsToAlarm: 1"],
        with: ["evaluationPeriods: 10,", "      datapointsToAlarm: 10"],
      },
      {
        ...app,
        name: "one function is left out",
        replace: "functions.api.filter(({ alias }) => alias !== undefined)",
        with: "functions.api.filter(({ alias, name }) => alias !== undefined && name !== 'health')",
      },
    ],
  },
  {
    promise: "only our workflow deploys, with no key",
    mutants: [
      { ...role, name: "any environment", replace: ":environment:${stage.name}`", with: ":environment:*`" },
      { ...role, name: "any audience", replace: '          [`${issuer}:aud`]: "sts.amazonaws.com",\n', with: "" },
      { ...role, name: "any repository", replace: "`repo:${stage.pipeline.repository}:", with: "`repo:*:" },
      { ...role, name: "names are patterns", replace: "        StringEquals: {", with: "        StringLike: {" },
      {
        ...role,
        name: "any role of the account",
        replace: "/cdk-${bootstrapQualifier}-${role}-${account}-${region}`",
        with: "/*`",
      },
      {
        ...role,
        name: "more than assuming roles",
        replace: ["new PolicyStatement({", '              actions: ["sts:AssumeRole"]'],
        with: ["new PolicyStatement({", '              actions: ["sts:AssumeRole", "iam:PassRole"]'],
      },
    ],
  },
  {
    promise: "no deploy while a sale is open",
    mutants: [
      {
        ...role,
        name: "no freeze",
        replace: "...stage.sales.map((sale) => freeze(sale, frozen))",
        with: "...stage.sales.slice(1).map((sale) => freeze(sale, frozen))",
      },
      { ...role, name: "a freeze that allows", replace: "effect: Effect.DENY", with: "effect: Effect.ALLOW" },
      {
        ...role,
        name: "the freeze begins ten minutes before",
        replace: "freezeBefore = Duration.hours(1)",
        with: "freezeBefore = Duration.minutes(10)",
      },
      {
        ...role,
        name: "the freeze ends with the sale",
        replace: "freezeAfter = Duration.minutes(30)",
        with: "freezeAfter = Duration.minutes(0)",
      },
      { ...role, name: "the freeze ignores the last hold", replace: "holdSeconds * 1_000 + freezeAfter", with: "freezeAfter" },
      {
        ...role,
        name: "a session outlives the start of the freeze",
        replace: "longestSession = Duration.hours(1)",
        with: "longestSession = Duration.hours(4)",
      },
      {
        ...role,
        name: "the freeze leaves the deploying roles out",
        replace: "arnsOf(deployingRoles, stage.region)",
        with: 'arnsOf(["file-publishing-role"], stage.region)',
      },
    ],
  },
  {
    promise: "spending is watched",
    mutants: [
      {
        ...pipeline,
        name: "the first address gets no email",
        replace: "subscribers: stage.alarmEmails.P2.map",
        with: "subscribers: stage.alarmEmails.P2.slice(1).map",
      },
      { ...pipeline, name: "an alert at eight times the budget", replace: "threshold: 80", with: "threshold: 800" },
      { ...pipeline, name: "no forecast", replace: '  { notificationType: "FORECASTED", threshold: 100 },\n', with: "" },
      { ...pipeline, name: "another budget", replace: "amount: stage.budgetUsdPerMonth", with: "amount: 1_000_000" },
      {
        ...pipeline,
        name: "an alert when little is spent",
        replace: 'comparisonOperator: "GREATER_THAN"',
        with: 'comparisonOperator: "LESS_THAN"',
      },
    ],
  },
  {
    promise: "every resource has its tags",
    mutants: [
      { ...tags, name: "no tag of the stage", replace: '  Tags.of(scope).add("stage", name)\n', with: "" },
      { ...tags, name: "no tag of the project", replace: '  Tags.of(scope).add("project", "flash-sale")\n', with: "" },
      {
        ...inFile("lib/flash-sale.ts", "templates"),
        name: "no tags",
        replace: "    tagStage(this, stage)\n",
        with: "    if (stage.region === '') tagStage(this, stage)\n",
      },
    ],
  },
  {
    promise: "logs are kept as long as the stage says",
    mutants: [
      {
        ...inFile("lib/constructs/sale-function.ts", "templates"),
        name: "functions: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
      {
        ...inFile("lib/constructs/event-log.ts", "templates"),
        name: "brokers: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
      {
        ...inFile("lib/constructs/database.ts", "templates"),
        name: "PostgreSQL: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
      {
        ...inFile("lib/constructs/http-api.ts", "templates"),
        name: "the API: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
      {
        ...inFile("lib/constructs/web-acl.ts", "templates"),
        name: "the firewall: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
      {
        ...custom,
        killedBy: "templates",
        name: "deployments: ten years",
        replace: "retention: stage.logRetentionDays",
        with: "retention: 3_653",
      },
    ],
  },
]
