import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { topics, warmUpTopic } from "../../core/contracts/topics.ts"
import { functionNames, type StageConfig } from "../../lib/config.ts"
import { bundleOf } from "../../lib/constructs/handler-bundles.ts"
import { stages } from "../../lib/stages.ts"
import { prodInOneRegion } from "./stage-edits.ts"
import { type Statement, stageConfigs, statementsOf, wholeSale } from "./whole-sale.ts"

/** Wildcards that AWS requires: an action that no resource can narrow, or a resource with a name that AWS chooses. */
const exceptions: readonly { readonly reason: string; readonly covers: (statement: Statement, type: string) => boolean }[] = [
  {
    reason: "a key's own policy: the resource is the key itself, and without the account's root nobody could ever change it",
    covers: (_, type) => type === "AWS::KMS::Key",
  },
  {
    reason: "Lambda and its pollers make network interfaces with the function's role; these actions take no resource",
    covers: only("ec2:", ["NetworkInterface", "PrivateIpAddresses", "DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcs"]),
  },
  {
    reason: "X-Ray's actions for writing take no resource",
    covers: only("xray:", ["PutTraceSegments", "PutTelemetryRecords", "GetSampling"]),
  },
  {
    reason: "objects of one bucket: they have names only once they are written",
    covers: (_, type) => type === "AWS::S3::BucketPolicy",
  },
  {
    reason: "CDK's provider of custom resources may invoke one function, in any of its versions",
    covers: (statement) => statement.Action === "lambda:InvokeFunction" && !JSON.stringify(statement.Resource).includes('"*"'),
  },
  {
    reason:
      "CDK's function that deploys the page copies objects between its assets and the page's bucket, and has no other bucket",
    covers: (statement) =>
      only("s3:", ["GetObject", "GetBucket", "List", "DeleteObject", "PutObject", "Abort"])(statement) &&
      [statement.Resource].flat().every((resource) => /-assets-|StorefrontPage/.test(JSON.stringify(resource))),
  },
  {
    reason: "operators see every consumer group, and a warehouse names its own; nobody sets where the writer reads",
    covers: only("kafka-cluster:", ["DescribeGroup", "AlterGroup"]),
  },
  {
    reason: "CloudWatch knows no resources for metrics; the streams of a log group have names that Lambda makes",
    covers: (statement) =>
      statement.Action === "cloudwatch:GetMetricData" ||
      (statement.Action === "logs:FilterLogEvents" && !JSON.stringify(statement.Resource).includes('"*"')),
  },
  {
    reason: "what the operators' preflight reads of the account: lists without resources, and no secret's value",
    covers: ({ Action }) =>
      JSON.stringify(Action) ===
      JSON.stringify([
        ...["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:ListServiceQuotas"],
        ...["lambda:GetAccountSettings", "lambda:ListEventSourceMappings", "ses:GetAccount"],
        ...["cognito-idp:ListUserPools", "cognito-idp:ListGroups", "secretsmanager:ListSecrets"],
      ]),
  },
  {
    reason: "AWS names an event source mapping at random, and lists mappings without naming one; the condition names functions",
    covers: (statement) =>
      only("lambda:", ["ListEventSourceMappings"])(statement) ||
      (only("lambda:", ["GetEventSourceMapping", "UpdateEventSourceMapping"])(statement) && statement.Condition !== undefined),
  },
  {
    reason: "CloudWatch lists composite alarms only to callers who may list every alarm of the account",
    covers: only("cloudwatch:", ["DescribeAlarm"]),
  },
  {
    reason: "the streams of one log group: Lambda names them",
    covers: (statement) => only("logs:", ["FilterLogEvents"])(statement) && !JSON.stringify(statement.Resource).includes('"*"'),
  },
  {
    reason: "the replicator keeps topics and groups of its own in both clusters, whose names AWS does not document",
    covers: (statement) => statement.Sid === "Topics" || statement.Sid === "Groups",
  },
]

function only(service: string, parts: readonly string[]): (statement: Statement) => boolean {
  return ({ Action = [] }) =>
    [Action].flat().every((action) => action.startsWith(service) && parts.some((part) => action.includes(part)))
}

describe.each(stageConfigs)("stage $name", (config) => {
  const { resources, templates } = wholeSale(config)
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type)

  test("no policy allows an action or a resource by wildcard, except those with a reason", () => {
    const wildcards = statementsOf(resources)
      .filter(({ statement }) => statement.Effect === "Allow")
      .filter(({ statement: { Action = [], Resource = [] } }) => JSON.stringify([Action, Resource]).includes("*"))
      .filter(({ statement, resource }) => !exceptions.some(({ covers }) => covers(statement, resource.Type)))
    expect(wildcards.map(({ resource, statement }) => `${resource.stack}/${resource.id}: ${JSON.stringify(statement)}`)).toEqual(
      [],
    )
  })

  test("the topics are those of the table and that of the warm-up, which the local run uses too", () => {
    const deployed = ofType("AWS::MSK::Topic").map(({ Properties }) => [Properties.TopicName, Properties.PartitionCount])
    expect(deployed.toSorted()).toEqual(
      [...Object.values(topics), warmUpTopic].map(({ name, partitions }) => [name, partitions]).toSorted(),
    )
  })

  test("every function that an alarm names is deployed under that name", () => {
    const deployed = new Set(ofType("AWS::Lambda::Function").map(({ Properties }) => Properties.FunctionName))
    const alarms = JSON.stringify(ofType("AWS::CloudWatch::Alarm"))
    const named = [...alarms.matchAll(/"FunctionName","Value":"([^"]+)"/g)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(0)
    for (const name of named) expect(deployed).toContain(name)
  })

  test("every alarm of every stack names a heading that the runbook has", () => {
    const runbook = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8")
    const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-"))
    for (const { Properties, id } of ofType("AWS::CloudWatch::Alarm")) {
      const [, anchor] = /Runbook: \S+\/RUNBOOK\.md#([\w-]+)$/.exec(String(Properties.AlarmDescription)) ?? []
      expect(anchors, `${id}: ${Properties.AlarmDescription}`).toContain(anchor)
    }
  })

  test("every log group keeps its logs for the stage's days", () => {
    for (const { Properties, id } of ofType("AWS::Logs::LogGroup"))
      expect(Properties.RetentionInDays, id).toBe(config.logRetentionDays)
  })

  test("resources with data survive the deletion of their stack if the stage says so", () => {
    const holders = ["AWS::RDS::DBInstance", "AWS::MSK::Cluster", "AWS::MSK::Topic", "AWS::Cognito::UserPool", "AWS::S3::Bucket"]
      .flatMap(ofType)
      // Kept data cannot be read without its key.
      .concat(ofType("AWS::KMS::Key").filter(({ stack }) => stack.includes("Data")))
    expect(holders.length).toBeGreaterThan(2)
    for (const { DeletionPolicy, id } of holders) {
      expect(["Retain", "RetainExceptOnCreate"].includes(DeletionPolicy ?? ""), id).toBe(config.retainData)
    }
  })

  test("a failed first deployment leaves no resource: its name would block the second deployment", () => {
    expect(resources.filter(({ DeletionPolicy }) => DeletionPolicy === "Retain").map(({ id }) => id)).toEqual([])
  })

  test("every resource that can have tags has its project and stage", () => {
    const tagged = [
      "AWS::Lambda::Function",
      "AWS::RDS::DBInstance",
      "AWS::S3::Bucket",
      "AWS::SNS::Topic",
      "AWS::EC2::VPC",
    ].flatMap(ofType)
    expect(tagged.length).toBeGreaterThan(10)
    for (const { Properties, id } of tagged) {
      const tags = (Properties.Tags ?? []) as { Key: string; Value: string }[]
      expect(
        tags.filter(({ Key }) => ["project", "stage"].includes(Key)).map(({ Value }) => Value),
        id,
      ).toEqual(["flash-sale", config.name])
    }
  })

  test("no template has the local identity", () => {
    for (const [stack, template] of templates) expect(JSON.stringify(template), stack).not.toMatch(/flash-sale\.local|\/local\//)
  })
})

test("a bundle has no code of local/ or test/, and not the local identity", () => {
  for (const name of functionNames) {
    const folder = bundleOf(name)
    const { sources } = JSON.parse(readFileSync(join(folder, "handler.mjs.map"), "utf8")) as { sources: string[] }
    const ours = sources.filter((source) => !source.includes("node_modules"))
    expect(ours.length, name).toBeGreaterThan(0)
    for (const source of ours) expect(source, name).not.toMatch(/(^|\/)(local|test|loadtest|(?<!lambdas\/)ops|lib)\//)
    expect(readFileSync(join(folder, "handler.mjs"), "utf8"), name).not.toContain("flash-sale.local")
  }
})

describe("a stage with a domain", () => {
  const names = { zoneName: "shop.example", siteName: "sale.shop.example", apiName: "api.shop.example" }
  const domain = { hostedZoneId: "Z1", ...names, senderAddress: "no-reply@shop.example" }
  const recordsOf = (config: StageConfig) =>
    wholeSale(config)
      .resources.filter(({ Type, Properties }) => Type === "AWS::Route53::RecordSet" && /^api\./.test(String(Properties.Name)))
      .map(({ stack, Properties }) => `${stack.replace(/[0-9A-F]{8}$/, "")} ${Properties.Failover ?? "only"}`)

  test("without a second region the app stack has the API's name", () => {
    expect(recordsOf({ ...prodInOneRegion, domain })).toEqual(["prodApp only"])
  })

  test("with a second region the API's name can move, and no other stack has a record of it", () => {
    expect(recordsOf({ ...stages.prod, domain })).toEqual(["prodDisasterRecovery PRIMARY", "prodDisasterRecovery SECONDARY"])
  })
})
