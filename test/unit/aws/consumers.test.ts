import { text } from "node:stream/consumers"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { type Consumers, createLambdaConsumers } from "../../../core/adapters/lambda/consumers.ts"
import { localServer } from "../../services/local-server.ts"

/** Lambda's event source mappings, as its API answers: a change begins, and ends later. */
const mappings = [
  { UUID: "of-analytics", State: "Enabled", AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: "analytics" } },
  { UUID: "of-another", State: "Enabled", AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: "another" } },
]
const prefix = "/2015-03-31/event-source-mappings"

let server: Awaited<ReturnType<typeof localServer>>
let consumers: Consumers
const asked: string[] = []
/** Whether each request was signed for Lambda. */
const signed: boolean[] = []

beforeAll(async () => {
  server = await localServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://lambda")
    signed.push(/^AWS4-HMAC-SHA256 Credential=none\/\d{8}\/eu-central-1\/lambda\//.test(request.headers.authorization ?? ""))
    asked.push(`${request.method} ${url.pathname.slice(prefix.length)}${url.search}`)
    response.setHeader("content-type", "application/json")
    const id = url.pathname.slice(prefix.length + 1)
    if (id === "") {
      const ofFunction = url.searchParams.get("FunctionName") === "flash-sale-dev-analytics" ? mappings : []
      return void response.end(JSON.stringify({ EventSourceMappings: ofFunction }))
    }
    const mapping = mappings.find(({ UUID }) => UUID === id)
    if (mapping && request.method === "PUT") {
      const { Enabled } = JSON.parse(await text(request)) as { Enabled: boolean }
      mapping.State = Enabled ? "Enabling" : "Disabling"
    }
    response.writeHead(mapping ? 200 : 404).end(JSON.stringify(mapping ?? { Message: "no mapping" }))
  })
  consumers = createLambdaConsumers({
    ...{ region: "eu-central-1", credentials: { accessKeyId: "none", secretAccessKey: "none" }, address: server.url },
    functionNameOf: (group) => `flash-sale-dev-${group}`,
  })
})
beforeEach(() => asked.splice(0))
afterAll(() => server.close())

test("the consumers of a group are the event source mapping of its function that has the group's name", async () => {
  expect(await consumers.stop("analytics")).toBe("stopping")
  expect(asked).toEqual(["GET ?FunctionName=flash-sale-dev-analytics", "PUT /of-analytics"])
  expect(mappings[1]?.State).toBe("Enabled")
  expect(signed).toEqual([true, true])
})

test.each([
  ["Enabled", "running"],
  ["Enabling", "starting"],
  ["Creating", "starting"],
  ["Updating", "starting"],
  ["Disabling", "stopping"],
  ["Disabled", "stopped"],
])("a mapping that is %s shows consumers that are %s", async (State, state) => {
  Object.assign(mappings[0] ?? {}, { State })
  expect(await consumers.stateOf("analytics")).toBe(state)
})

test("starting enables the mapping", async () => {
  expect(await consumers.start("analytics")).toBe("starting")
})

test("a function without a mapping of the group is named", async () => {
  await expect(consumers.stateOf("notifier")).rejects.toThrow(
    "flash-sale-dev-notifier has no event source mapping of the group notifier",
  )
})
