import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { duration } from "../../../ops/logs-command.ts"
import { createProgram } from "../../../ops/program.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

let printed: string[]
let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "logs-"))
  printed = []
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(stateDir, { recursive: true })
})
const ops = (...args: string[]) => createProgram().program.parseAsync(["node", "ops", ...args])

const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString()
const line = (service: string, level: string, message: string, secondsAgo: number, more: object = {}) =>
  JSON.stringify({ level, message, timestamp: at(secondsAgo), service, ...more })

/** The log of a process that holds several functions, and the log of a server. */
function givenLogs(): void {
  mkdirSync(join(stateDir, "logs"))
  const lines = [
    line("reserve", "INFO", "long ago", 7_200),
    line("checkout", "INFO", "of another function", 20),
    line("reserve", "ERROR", "it failed", 10, {
      orderId: "order-1",
      error: { name: "RangeError", message: "too far", stack: "at" },
    }),
    line("reserve", "INFO", "it works", 5),
  ]
  writeFileSync(join(stateDir, "logs", "gateway.log"), `${lines.join("\n")}\n`)
  writeFileSync(join(stateDir, "logs", "postgres.log"), "LOG:  checkpoint starting\n")
  vi.stubEnv("LOCAL_STATE_DIR", stateDir)
}

test("a function's lines are found in the log of the process that holds it, with time, level and the name of the error", async () => {
  givenLogs()
  await ops("logs", "reserve")
  expect(printed).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} ERROR reserve: it failed orderId=order-1 error="RangeError: too far"$/),
    expect.stringMatching(/INFO reserve: it works$/),
  ])
})

test("lines are chosen by time, text and level, and the last ones are kept", async () => {
  givenLogs()
  await ops("logs", "reserve", "--since", "3h")
  expect(printed).toHaveLength(3)
  printed = []
  await ops("logs", "reserve", "--errors")
  await ops("logs", "reserve", "--find", "order-1")
  await ops("--json", "logs", "reserve", "--limit", "1")
  expect(printed.map((each) => /it failed|it works/.exec(each)?.[0])).toEqual(["it failed", "it failed", "it works"])
  expect(JSON.parse(printed[2] ?? "")).toMatchObject({ service: "reserve" })
})

test("a server's log is shown as it is, and an unknown name is refused with the known ones", async () => {
  givenLogs()
  await ops("logs", "postgres")
  expect(printed).toEqual(["LOG:  checkpoint starting"])
  await expect(ops("logs", "nobody")).rejects.toThrow(
    /Nothing here has the name nobody. Parts: gateway, postgres. Functions: .*reserve/,
  )
  await expect(ops("--stage", "prod", "logs", "gateway")).rejects.toThrow(/A stage has no function gateway/)
})

test("of a stage every page of the log group is read", async () => {
  const asked: { logGroupName?: string; filterPattern?: string; nextToken?: string }[] = []
  const server = await localServer(async (request, response) => {
    const body = (await json(request)) as (typeof asked)[number]
    asked.push(body)
    const isFirst = body.nextToken === undefined
    const event = { timestamp: Date.now(), message: line("checkout", "ERROR", isFirst ? "first" : "second", 1) }
    response.setHeader("content-type", "application/x-amz-json-1.1")
    response.end(JSON.stringify({ events: [event], ...(isFirst && { nextToken: "more" }) }))
  })
  for (const [name, value] of Object.entries({ ...awsVariables, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url }))
    vi.stubEnv(name, value)
  await ops("--stage", "prod", "logs", "checkout", "--find", "RequestRefused").finally(server.close)
  expect(asked.map(({ logGroupName, filterPattern }) => [logGroupName, filterPattern])).toEqual([
    ["/aws/lambda/flash-sale-prod-checkout", '"RequestRefused"'],
    ["/aws/lambda/flash-sale-prod-checkout", '"RequestRefused"'],
  ])
  // CloudWatch's filter is repeated here: these lines do not contain the text.
  expect(printed).toEqual([])
  expect(() => duration("15")).toThrow(/15m/)
})
