import type { Template } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"
import { appTemplate, propertiesOf } from "./app-stack.ts"
import { dataStacks } from "./data-stacks.ts"
import type { FunctionProperties } from "./functions.ts"

const inGeneration = (requestsGeneration: number): StageConfig => ({ ...stages.dev, requestsGeneration })
const templates = (stage: StageConfig) => ({ app: appTemplate(stage), data: dataStacks(stage).templates().data })

const first = templates(stages.dev)
const second = templates(inGeneration(2))
const third = templates(inGeneration(3))

interface Mapping {
  readonly Topics: readonly string[]
  readonly AmazonManagedKafkaEventSourceConfig: { readonly ConsumerGroupId: string }
}

/** The one mapping of the writer, with its id in the template. */
function mappingIn(app: Template): { id: string; topics: readonly string[]; group: string } {
  const mappings = Object.entries(app.findResources("AWS::Lambda::EventSourceMapping")).map(([id, { Properties }]) => {
    const { Topics, AmazonManagedKafkaEventSourceConfig: config } = Properties as Mapping
    return { id, topics: Topics, group: config.ConsumerGroupId }
  })
  const [mapping, ...others] = mappings
  if (mapping === undefined || others.length > 0) throw new Error(`There are ${mappings.length} mappings`)
  return mapping
}

const topicsIn = (data: Template) =>
  propertiesOf<{ TopicName: string; PartitionCount: number }>(data, "AWS::MSK::Topic")
    .filter(({ TopicName }) => TopicName.startsWith("reservation-requests"))
    .map(({ TopicName, PartitionCount }) => `${TopicName} ${PartitionCount}`)
    .sort()

const variablesIn = (app: Template) =>
  propertiesOf<FunctionProperties>(app, "AWS::Lambda::Function").flatMap(({ FunctionName, Environment }) =>
    FunctionName === undefined ? [] : [Environment?.Variables ?? {}],
  )

/** The resources of the rights of a function, as text. */
function rightsIn(app: Template, name: string): string {
  const policies = Object.values(app.findResources("AWS::IAM::Policy"))
  return JSON.stringify(policies.filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(name)))
}

test("the first generation has the plain names, and no function has a variable for it", () => {
  expect(topicsIn(first.data)).toEqual(["reservation-requests 10"])
  expect(mappingIn(first.app)).toMatchObject({ topics: ["reservation-requests"], group: "inventory-batch-writer" })
  for (const variables of variablesIn(first.app)) expect(variables).not.toHaveProperty("REQUESTS_GENERATION")
})

describe.each([
  [2, second, first],
  [3, third, second],
] as const)("generation %i", (generation, now, before) => {
  const name = `reservation-requests-${generation}`

  test("has a topic of its own, beside that of the generation before", () => {
    const older = generation === 2 ? "reservation-requests 10" : `reservation-requests-${generation - 1} 10`
    expect(topicsIn(now.data)).toEqual([older, `${name} 10`].sort())
  })

  test("is what every function gets, and what the mapping of the writer reads", () => {
    for (const variables of variablesIn(now.app)) {
      expect(variables).toMatchObject({ REQUESTS_TOPIC: name, REQUESTS_GENERATION: String(generation) })
    }
    expect(mappingIn(now.app).topics).toEqual([name])
  })

  test("has another mapping, in a group of its own: AWS gives a group to one mapping only, and makes the new one first", () => {
    const [mapping, older] = [mappingIn(now.app), mappingIn(before.app)]
    expect(mapping.id).not.toBe(older.id)
    expect(mapping.group).toBe(`inventory-batch-writer-${generation}`)
  })

  test("runs the provisioner again, before the functions", () => {
    const steps = (app: Template) => propertiesOf<{ Schema?: string }>(app, "AWS::CloudFormation::CustomResource")
    const schemaOf = (app: Template) => steps(app).find(({ Schema }) => Schema !== undefined)?.Schema
    expect(schemaOf(now.app)).not.toBe(schemaOf(before.app))
  })

  test("may be written by the intake, and read by the writer, which keeps its rights on the generation before", () => {
    expect(rightsIn(now.app, "reserve")).toContain(`/${name}"`)
    const writer = rightsIn(now.app, "batchwriter")
    const olderTopic = generation === 2 ? "reservation-requests" : `reservation-requests-${generation - 1}`
    const olderGroup = generation === 2 ? "inventory-batch-writer" : `inventory-batch-writer-${generation - 1}`
    for (const each of [name, olderTopic, `inventory-batch-writer-${generation}`, olderGroup]) {
      expect(writer).toContain(`/${each}"`)
    }
  })
})
