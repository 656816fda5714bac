import type { IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { isReady } from "../../../core/domain/preflight/line.ts"
import { runChecks } from "../../../core/workflows/preflight/run-checks.ts"
import type { StageConfig } from "../../../lib/config.ts"
import { type AccountNeed, numberToRequest, requestOf } from "../../../lib/quotas/account-need.ts"
import { accountNeeds, environmentsToReserve } from "../../../lib/quotas/account-needs.ts"
import { stages } from "../../../lib/stages.ts"
import { beforeDeployChecks } from "../../../ops/preflight/before-deploy.ts"
import { createProgram } from "../../../ops/program.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

/** A production stage with everything that a stage can need: a second region, managed instances and mails of its own. */
const stage: StageConfig = {
  ...stages.prod,
  domain: {
    ...{ hostedZoneId: "Z", zoneName: "shop.example", siteName: "shop.example", apiName: "api.shop.example" },
    senderAddress: "shop@shop.example",
  },
}
const needs = accountNeeds(stage)

/** What the account has, by item. Undefined: Service Quotas has no such quota. "default": it has only the default. */
let account: Map<string, number | "default" | undefined>
let inSandbox: boolean
let mayAsk: boolean
let managedInstances: number
let close: () => Promise<void>

beforeEach(async () => {
  account = new Map(needs.map(({ item, needed }) => [item, needed]))
  inSandbox = false
  mayAsk = true
  managedInstances = 200
  const server = await localServer(async (request, response) => {
    const { status = 200, ...body } = answerTo(request, (await buffer(request)).toString())
    response.setHeader("content-type", request.headers["x-amz-target"] ? "application/x-amz-json-1.1" : "application/json")
    response.writeHead(status).end(JSON.stringify(body))
  })
  for (const service of ["_LAMBDA", "_SERVICE_QUOTAS", "_SESV2"]) vi.stubEnv(`AWS_ENDPOINT_URL${service}`, server.url)
  for (const [name, value] of Object.entries(awsVariables)) vi.stubEnv(name, value)
  close = server.close
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await close()
})

interface Answer {
  readonly status?: number
  readonly [member: string]: unknown
}

/** The three services, each by its own protocol. The signature of a call says for which region it is. */
function answerTo({ url = "", headers }: IncomingMessage, body: string): Answer {
  const target = String(headers["x-amz-target"] ?? "")
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(String(headers.authorization))?.[1]
  const of = (found: (need: AccountNeed) => boolean) => account.get(needs.find(found)?.item ?? "")
  if (url.includes("/account-settings"))
    return { AccountLimit: { ConcurrentExecutions: of(({ askedOf }) => askedOf.kind === "lambda") } }
  if (url.includes("/capacity-providers")) return { status: managedInstances, CapacityProviders: [] }
  if (url.includes("/email/account")) {
    const of24Hours = of(({ askedOf }) => askedOf.kind === "mail-day")
    const aSecond = of(({ askedOf }) => askedOf.kind === "mail-rate")
    return { ProductionAccessEnabled: !inSandbox, SendQuota: { MaxSendRate: aSecond, Max24HourSend: of24Hours } }
  }
  if (!mayAsk) return { status: 400, __type: "AccessDeniedException", message: "not authorized to ask for quotas" }
  if (target.endsWith("ListServiceQuotas")) {
    const value = of(({ askedOf }) => askedOf.kind === "named")
    const Quotas = [
      { QuotaName: "Another", Value: 1 },
      { QuotaName: "Requests per second per distribution", Value: value },
    ]
    return { Quotas: value === undefined ? Quotas.slice(0, 1) : Quotas }
  }
  const { ServiceCode, QuotaCode } = JSON.parse(body) as { ServiceCode: string; QuotaCode: string }
  const asked = needs.find(
    ({ askedOf, region: where }) =>
      askedOf.kind === "quota" && askedOf.service === ServiceCode && askedOf.code === QuotaCode && where === region,
  )
  const value = account.get(asked?.item ?? "")
  if (target.endsWith("GetAWSDefaultServiceQuota")) return { Quota: { Value: asked?.byDefault } }
  if (typeof value !== "number") return { status: 400, __type: "NoSuchResourceException", message: "no such quota" }
  return { Quota: { Value: value } }
}

/** The lines that are not ok, by item. */
async function findings(config: StageConfig = stage) {
  const lines = await runChecks(beforeDeployChecks(config))
  const bad = lines.filter(({ state }) => state !== "ok" && state !== "does not apply")
  return new Map(bad.map((line) => [line.item, line]))
}

test("an account that has exactly what the stage needs has no line that is not ok", async () => {
  expect([...(await findings()).keys()]).toEqual([])
})

test.each(needs.map(({ item, needed }) => [item, needed] as const))(
  "one less of %s turns exactly this line, and it names the command that requests it",
  async (item, needed) => {
    account.set(item, needed - 1)
    const found = await findings()
    const need = needs.find((each) => each.item === item) as AccountNeed
    expect([...found.keys()]).toEqual([item])
    expect(found.get(item)).toMatchObject({ state: "not ok", mend: requestOf(need) })
    expect(found.get(item)?.detail).toContain(`${needed - 1}, the stage needs ${needed}`)
  },
)

test("the sandbox of SES turns its own line", async () => {
  inSandbox = true
  expect([...(await findings()).keys()]).toEqual(["mails to every shopper"])
})

test("a region without managed instances turns its own line", async () => {
  managedInstances = 404
  const found = await findings()
  expect(found.get("managed instances are offered")?.state).toBe("not ok")
  expect(found.size).toBe(1)
})

test("without the right to list capacity providers nothing is said of the region", async () => {
  managedInstances = 403
  expect((await findings()).get("managed instances are offered")?.state).toBe("cannot tell")
})

test("a quota that was never raised is judged by AWS's default", async () => {
  account.set("elastic addresses", "default")
  account.set("vCPUs of managed instances", "default")
  const found = await findings()
  expect([...found.keys()]).toEqual(["vCPUs of managed instances"])
  expect(found.get("vCPUs of managed instances")?.detail).toMatch(/^5, the stage needs/)
})

test("a quota that AWS shows nowhere is unknown only where the stage needs more than the default", async () => {
  account.set("requests a second of CloudFront", undefined)
  const found = await findings()
  expect(found.get("requests a second of CloudFront")).toMatchObject({
    state: "cannot tell",
    mend: expect.stringContaining("https://console.aws.amazon.com/support/"),
  })
  const small = { ...stage, quotas: { ...stage.quotas, cloudFrontRequestsPerSecond: 250_000 } }
  expect((await findings(small)).has("requests a second of CloudFront")).toBe(false)
})

test("without the right to ask, everything is unknown and the stage is not ready", async () => {
  mayAsk = false
  const found = await findings()
  expect([...found.keys()]).toEqual(needs.filter(({ askedOf }) => /quota|named/.test(askedOf.kind)).map(({ item }) => item))
  for (const { state, detail } of found.values()) expect(`${state}: ${detail}`).toMatch(/^cannot tell: .*not authorized/)
  expect(isReady([...found.values()], false)).toBe(false)
})

describe.each(Object.values(stages))("stage $name", (config) => {
  test("declares the environments that its functions reserve and Lambda keeps", () => {
    expect(config.quotas.lambdaConcurrency).toBeGreaterThanOrEqual(environmentsToReserve(config))
  })

  test("no item is twice, each need is a whole number above 0, and less than AWS's default is never requested", () => {
    const all = accountNeeds(config)
    expect(new Set(all.map(({ item }) => item)).size).toBe(all.length)
    for (const need of all) {
      expect(need.needed, need.item).toBeGreaterThanOrEqual(1)
      expect(Number.isInteger(need.needed), need.item).toBe(true)
      expect(numberToRequest(need), need.item).toBeGreaterThanOrEqual(need.byDefault)
    }
  })
})

test("dev needs nothing that an account does not have by AWS's documented defaults", () => {
  const above = accountNeeds(stages.dev).filter(({ needed, byDefault }) => needed > byDefault)
  expect(above.map(({ item }) => item)).toEqual([])
})

test("the needs follow the config of the stage", () => {
  const neededBy = (config: StageConfig) => Object.fromEntries(accountNeeds(config).map(({ item, needed }) => [item, needed]))
  const { disasterRecovery: _region, ...alone } = stages.prod
  expect(neededBy(alone)).not.toHaveProperty("brokers in eu-west-1")
  expect(neededBy({ ...stage, kafka: { ...stage.kafka, brokersPerZone: 3 } })).toMatchObject({
    brokers: 9,
    "brokers in eu-west-1": 9,
  })
  expect(neededBy({ ...stage, network: { ...stage.network, natGateways: 2 } })["elastic addresses"]).toBe(2)
  expect(neededBy({ ...stage, database: { ...stage.database, analyticsReplicas: 4 } }).databases).toBe(5)
  expect(neededBy({ ...stage, cache: { ...stage.cache, replicas: 2 } })["nodes of the cache"]).toBe(3)
  expect(neededBy(stages.dev)).not.toHaveProperty("vCPUs of managed instances")
  expect(neededBy(stages.dev)).not.toHaveProperty("mails a second")
})

test("the command needs the name of a stage, and ends with 1 when something is missing", async () => {
  const printed: string[] = []
  vi.spyOn(console, "log").mockImplementation((text) => printed.push(String(text)))
  vi.spyOn(process.stderr, "write").mockReturnValue(true)
  const run = (...words: string[]) =>
    createProgram(async () => Promise.reject(new Error("nothing of the stage is asked"))).program.parseAsync([
      ...["node", "ops"],
      ...words,
    ])
  await expect(run("preflight", "--before-deploy")).rejects.toThrow("Name the stage that is to be deployed")
  await expect(run("--stage", "nowhere", "preflight", "--before-deploy")).rejects.toThrow('There is no stage "nowhere"')

  for (const { item, needed } of accountNeeds(stages.dev)) account.set(item, Math.max(needed, account.get(item) as number))
  await run("--stage", "dev", "preflight", "--before-deploy")
  expect(process.exitCode ?? 0).toBe(0)
  account.set("functions at the same time", 10)
  await run("--stage", "dev", "preflight", "--before-deploy")
  expect(process.exitCode).toBe(1)
  process.exitCode = 0
  expect(printed.at(-1)).toContain("NOT ready: ")
  expect(printed.at(-1)).toContain(
    "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000",
  )
})
