import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { warmTargets } from "../../../lib/capacity/warm-targets.ts"
import { stages } from "../../../lib/stages.ts"
import type { Ask } from "../../../ops/client.ts"
import { type Warmth, warmStage } from "../../../ops/warm.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"

const targets = warmTargets(stages.prod)

/** Lambda's API: environments become ready one look after the other, or never, or AWS refuses. */
const changes: string[] = []
const commands: unknown[] = []
/** What the stage is asked to do. */
const ask: Ask = (async (command: unknown) => void commands.push(command)) as Ask
let readyShare: number
let status: string
let close: () => Promise<void>
beforeEach(async () => {
  changes.splice(0)
  commands.splice(0)
  readyShare = 0
  status = "IN_PROGRESS"
  const server = await localServer((request, response) => {
    const name = decodeURIComponent(/functions\/([^/]+)\//.exec(request.url ?? "")?.[1] ?? "")
    const target = targets.find(({ functionName }) => functionName === name)
    response.setHeader("content-type", "application/json")
    if (request.method !== "GET") changes.push(`${request.method} ${name}`)
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

test("it asks the warmer of the stage, changes nothing itself, and ends when all environments are ready", async () => {
  const shown: (readonly Warmth[])[] = []
  await warmStage("prod", { minutes: 60, intervalMs: 1, withinMs: 10_000 }, ask, (warmth) => {
    shown.push(warmth)
    readyShare = Math.min(1, readyShare + 0.5)
  })
  expect(commands).toEqual([{ command: "warm", minutes: 60 }])
  expect(changes).toEqual([])
  expect(shown.length).toBeGreaterThanOrEqual(3)
  expect(shown.at(-1)?.every(({ ready, asked: wanted }) => ready === wanted)).toBe(true)
})

test("environments that are not ready in time are named", async () => {
  await expect(warmStage("prod", { minutes: 60, intervalMs: 1, withinMs: 20 }, ask, () => {})).rejects.toThrow(
    /not warm after 0.02 s: .*flash-sale-prod-checkout/,
  )
})

test("when AWS cannot start them, it says why", async () => {
  status = "FAILED"
  await expect(warmStage("prod", { minutes: 60, intervalMs: 1, withinMs: 1_000 }, ask, () => {})).rejects.toThrow(
    /AWS cannot warm flash-sale-prod-[\w-]+: the limit of the account/,
  )
})

test("a stage whose config asks for no warm environments is refused", async () => {
  await expect(warmStage("dev", { minutes: 60, intervalMs: 1, withinMs: 1 }, ask, () => {})).rejects.toThrow(
    "Stage dev has no warm environments",
  )
})

test("an unknown stage is refused", async () => {
  await expect(warmStage("production", { minutes: 60, intervalMs: 1, withinMs: 1 }, ask, () => {})).rejects.toThrow(
    'There is no stage "production"',
  )
})
