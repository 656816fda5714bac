import { buffer } from "node:stream/consumers"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { warmTargets } from "../../../lib/capacity/warm-targets.ts"
import { stages } from "../../../lib/stages.ts"
import { type Warmth, warmStage } from "../../../ops/warm.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

const targets = warmTargets(stages.prod)

/** Lambda's API: environments become ready one look after the other, or never, or AWS refuses. */
let asked: Map<string, unknown>
let readyShare: number
let status: string
let close: () => Promise<void>
beforeEach(async () => {
  asked = new Map()
  readyShare = 0
  status = "IN_PROGRESS"
  const server = await localServer(async (request, response) => {
    const name = decodeURIComponent(/functions\/([^/]+)\//.exec(request.url ?? "")?.[1] ?? "")
    const target = targets.find(({ functionName }) => functionName === name)
    response.setHeader("content-type", "application/json")
    if (request.method === "PUT") asked.set(name, JSON.parse((await buffer(request)).toString()))
    const ready = Math.floor((target?.environments ?? 0) * readyShare)
    response.end(
      JSON.stringify({
        Status: status,
        StatusReason: "the limit of the account",
        AvailableProvisionedConcurrentExecutions: ready,
        AppliedFunctionScalingConfig: { MinExecutionEnvironments: ready },
      }),
    )
  })
  for (const [name, value] of Object.entries({ ...awsVariables, AWS_ENDPOINT_URL_LAMBDA: server.url })) vi.stubEnv(name, value)
  close = server.close
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await close()
})

test("it asks for the environments that a sale has, and ends when all of them are ready", async () => {
  const shown: (readonly Warmth[])[] = []
  await warmStage("prod", { intervalMs: 1, withinMs: 10_000 }, (warmth) => {
    shown.push(warmth)
    readyShare = Math.min(1, readyShare + 0.5)
  })
  expect([...asked.keys()].sort()).toEqual(targets.map(({ functionName }) => functionName).sort())
  expect(asked.get("flash-sale-prod-checkout")).toEqual({ ProvisionedConcurrentExecutions: 200 })
  expect(asked.get("flash-sale-prod-reserve")).toMatchObject({
    FunctionScalingConfig: { MinExecutionEnvironments: expect.any(Number) },
  })
  expect(shown.length).toBeGreaterThanOrEqual(3)
  expect(shown.at(-1)?.every(({ ready, asked: wanted }) => ready === wanted)).toBe(true)
})

test("environments that are not ready in time are named", async () => {
  await expect(warmStage("prod", { intervalMs: 1, withinMs: 20 }, () => {})).rejects.toThrow(
    /not warm after 0.02 s: .*flash-sale-prod-checkout/,
  )
})

test("when AWS cannot start them, it says why", async () => {
  status = "FAILED"
  await expect(warmStage("prod", { intervalMs: 1, withinMs: 1_000 }, () => {})).rejects.toThrow(
    /AWS cannot warm flash-sale-prod-\w+: the limit of the account/,
  )
})

test("a stage whose config asks for no warm environments is refused", async () => {
  await expect(warmStage("dev", { intervalMs: 1, withinMs: 1 }, () => {})).rejects.toThrow("Stage dev has no warm environments")
})

test("an unknown stage is refused", async () => {
  await expect(warmStage("production", { intervalMs: 1, withinMs: 1 }, () => {})).rejects.toThrow(
    'There is no stage "production"',
  )
})
