import { describe, expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"
import { fates } from "./teardown-table.ts"
import { type Resource, stageConfigs, statementsOf, wholeSale } from "./whole-sale.ts"

const domain = {
  ...{ hostedZoneId: "Z1", zoneName: "shop.example", siteName: "sale.shop.example", apiName: "api.shop.example" },
  senderAddress: "no-reply@shop.example",
}
/** The stages, and each kind with the parts that no stage has switched on. */
const variants: readonly (readonly [string, StageConfig])[] = [
  ...stageConfigs.map((config) => [config.name, config] as const),
  ["prod with notices", { ...stages.prod, domain }],
  [
    "dev with notices and SCRAM",
    {
      ...{ ...stages.dev, domain, kafka: { ...stages.dev.kafka, auth: "scram" } },
      quotas: { ...stages.dev.quotas, mailsPerSecond: 200, userReadsPerSecond: 200 },
    },
  ],
]

const where = ({ stack, id, Type }: Resource) => `${stack}/${id} (${Type})`

describe.each(variants)("stage %s", (_, config) => {
  const { resources } = wholeSale(config)
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type)

  test("every type of resource has its fate in the table", () => {
    expect(resources.filter(({ Type }) => fates[Type] === undefined).map(where)).toEqual([])
  })

  test("what is to be kept is kept, and everything else goes", () => {
    const wrong = resources.filter((resource) => {
      const { prod, keptWhere } = fates[resource.Type] ?? { prod: "goes" }
      const isToBeKept = config.retainData && (prod === "kept" || (prod === "both" && keptWhere?.test(resource.id)))
      return isToBeKept !== (resource.DeletionPolicy === "RetainExceptOnCreate")
    })
    expect(wrong.map((resource) => `${where(resource)}: ${resource.DeletionPolicy ?? "no policy"}`)).toEqual([])
  })

  test("nothing leaves a snapshot: of a database without a policy CloudFormation makes one", () => {
    expect(resources.filter(({ DeletionPolicy }) => DeletionPolicy === "Snapshot").map(where)).toEqual([])
    for (const database of ofType("AWS::RDS::DBInstance")) expect(database.DeletionPolicy, where(database)).toBeDefined()
  })

  test("each key in use by something that is kept is kept", () => {
    const goesAway = new Set(
      ofType("AWS::KMS::Key")
        .filter(({ DeletionPolicy }) => DeletionPolicy === "Delete")
        .map(({ id }) => id),
    )
    for (const resource of resources.filter(({ DeletionPolicy }) => DeletionPolicy === "RetainExceptOnCreate")) {
      const named = [...JSON.stringify(resource.Properties).matchAll(/"Fn::GetAtt":\["(\w+)","(?:Arn|KeyId)"\]/g)]
      expect(
        named.map(([, id = ""]) => id).filter((id) => goesAway.has(id)),
        where(resource),
      ).toEqual([])
    }
  })

  test("no function writes to a log group outside of the template, and none can bring one back", () => {
    const roles = new Map([...ofType("AWS::IAM::Role")].map((role) => [`${role.stack}/${role.id}`, role]))
    for (const { stack, id, Properties } of ofType("AWS::Lambda::Function")) {
      const { LoggingConfig, Role: role } = Properties as {
        LoggingConfig?: { LogGroup: { Ref?: string } }
        Role: { "Fn::GetAtt": [string, string] }
      }
      const found = roles.get(`${stack}/${role["Fn::GetAtt"][0]}`) as Resource
      const logs = JSON.stringify(found.Properties)
      if (LoggingConfig === undefined) expect(logs, id).not.toContain("AWSLambdaBasicExecutionRole")
      else {
        const group = LoggingConfig.LogGroup.Ref
        expect(resources.some((each) => each.stack === stack && each.id === group && each.Type === "AWS::Logs::LogGroup")).toBe(
          true,
        )
        const isDenied = statementsOf([found]).some(
          ({ statement }) => statement.Effect === "Deny" && statement.Action === "logs:CreateLogGroup",
        )
        expect(isDenied || !logs.includes("AWSLambdaBasicExecutionRole"), id).toBe(true)
      }
    }
    const allowed = statementsOf(resources).filter(
      ({ statement: { Effect, Action = [] } }) =>
        Effect === "Allow" && [Action].flat().some((action) => action === "logs:CreateLogGroup" || action === "logs:*"),
    )
    expect(allowed.map(({ resource }) => where(resource))).toEqual([])
  })

  test("the functions that rotate logins have names, and log groups under these names", () => {
    const groups = new Set(ofType("AWS::Logs::LogGroup").map(({ Properties }) => Properties.LogGroupName))
    const hosted = ofType("AWS::SecretsManager::RotationSchedule").flatMap(({ Properties }) => {
      const { HostedRotationLambda: made } = Properties as { HostedRotationLambda?: { RotationLambdaName?: string } }
      return made === undefined ? [] : [made.RotationLambdaName]
    })
    expect(hosted.length).toBeGreaterThan(3)
    expect(new Set(hosted).size).toBe(hosted.length)
    for (const name of hosted) expect(groups).toContain(`/aws/lambda/${name}`)
  })

  test("a function in the network goes before the rights by which Lambda removes its network interfaces", () => {
    const inNetwork = ofType("AWS::Lambda::Function").filter(({ Properties }) => Properties.VpcConfig !== undefined)
    expect(inNetwork.length).toBeGreaterThan(10)
    for (const { Properties, DependsOn = [], id } of inNetwork as (Resource & { DependsOn?: string[] })[]) {
      const role = (Properties.Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0]
      const { SecurityGroupIds: groups } = Properties.VpcConfig as { SecurityGroupIds: unknown }
      // A group of another stack would have to wait there for the network interfaces of this one.
      expect(JSON.stringify(groups), id).not.toContain("Fn::ImportValue")
      expect(DependsOn, id).toContain(role)
      expect(
        DependsOn.some((each) => each.startsWith(role.replace(/Role\w+$/, "Role")) && each.includes("Policy")),
        id,
      ).toBe(true)
    }
  })

  if (config.retainData) return

  test("every bucket is emptied before it is deleted, and no lock forbids it", () => {
    const emptied = ofType("Custom::S3AutoDeleteObjects").map(({ stack, Properties }) => {
      const { Ref: bucket } = Properties.BucketName as { Ref: string }
      return `${stack}/${bucket}`
    })
    const buckets = ofType("AWS::S3::Bucket")
    expect(emptied.toSorted()).toEqual(buckets.map(({ stack, id }) => `${stack}/${id}`).toSorted())
    for (const { Properties } of buckets) expect(Properties).not.toHaveProperty("ObjectLockEnabled")
  })

  test("no key waits longer than it must", () => {
    for (const { Properties, id } of ofType("AWS::KMS::Key")) expect(Properties.PendingWindowInDays, id).toBe(7)
  })

  test("nothing is protected from deletion, and nothing makes copies that outlive it", () => {
    const text = JSON.stringify(resources.map(({ Properties }) => Properties))
    expect(text).not.toMatch(/"Deletion ?Protection(Enabled)?":(true|"ACTIVE")/)
    expect(text).not.toContain('"PointInTimeRecoveryEnabled":true')
    expect(text).not.toContain("createDBSnapshot")
    expect(text).not.toContain("SnapshotRetentionLimit")
    for (const { Properties, id } of ofType("AWS::RDS::DBInstance")) {
      expect(Properties.DeleteAutomatedBackups, id).toBe(true)
      // RDS writes the figures of enhanced monitoring to a log group of the account.
      expect(Properties.MonitoringInterval ?? 0, id).toBe(0)
    }
  })
})

test("a stage that keeps its data keeps its heads locked, and takes a snapshot before each sale", () => {
  const { resources } = wholeSale(stages.prod)
  const text = JSON.stringify(resources)
  expect(text).toContain('"Mode":"COMPLIANCE"')
  expect(text).toContain("createDBSnapshot")
})
