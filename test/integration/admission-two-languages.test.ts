import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import admitScript from "../../core/adapters/redis/scripts/admit.lua"
import type { Admission, AdmissionRequest } from "../../core/domain/admission.ts"
import type { BehaviourSignal, Client } from "../../core/domain/suspicion.ts"
import { createLocalRateLimiter } from "../../core/workflows/admission/local-rate-limiter.ts"
import { type AdmissionRules, admissionByRules, domainRules } from "../sale/admission-rules.ts"
import { admissionRequest } from "../sale/given-admission.ts"
import { clockKey, withPlantedClock } from "../sale/planted-clock.ts"
import { freshRedis } from "../services/redis.ts"

let redis: Redis
beforeAll(async () => {
  // Without the timeout of a serving process: on a busy machine a slow answer is not a difference between the two.
  redis = new Redis(await freshRedis(), { enableAutoPipelining: true })
})
afterAll(() => redis.disconnect())

/** A sequence of requests: of one user or several, with new keys or copies of one, at an even rate or all at once. */
interface Burst {
  readonly pauseMs: number
  readonly everyMs: number
  readonly count: number
  readonly users: number
  readonly isCopies: boolean
  readonly client: Client
}

const signals = fc.subarray<Client["signals"][number]>(["new-account", "no-visit", "odd-headers", "odd-hello", "edge-bot"])
const bursts = (client: fc.Arbitrary<Client>): fc.Arbitrary<readonly Burst[]> =>
  fc.array(
    fc.record({
      pauseMs: fc.oneof(fc.constantFrom(0, 500, 59_999, 60_000, 60_001), fc.integer({ min: 0, max: 70_000 })),
      everyMs: fc.constantFrom(0, 7, 300, 1_499, 1_500, 4_000),
      count: fc.integer({ min: 1, max: 30 }),
      users: fc.constantFrom(1, 2, 25),
      isCopies: fc.boolean(),
      client,
    }),
    { minLength: 1, maxLength: 5 },
  )
const anyClient = fc.record(
  { tier: fc.constantFrom<Client["tier"]>(1, 2, 3, 4), signals, source: fc.constantFrom("a", "b") },
  { requiredKeys: ["tier", "signals"] },
)

interface TimedRequest {
  readonly atMs: number
  readonly request: AdmissionRequest & { readonly client: Client }
}

/** The requests of bursts with ids of their own: two runs at one Redis share nothing. */
function requestsOf(some: readonly Burst[]): TimedRequest[] {
  const run = randomUUID().slice(8)
  const userIds = Array.from({ length: 25 }, (_, index) => `${String(index).padStart(8, "0")}${run}`)
  let atMs = 1_000_000
  return some.flatMap(({ pauseMs, everyMs, count, users, isCopies, client: { source, ...client } }) => {
    atMs += pauseMs
    const id = randomUUID()
    return Array.from({ length: count }, (_, index) => {
      atMs += everyMs
      const userId = userIds[isCopies ? 0 : index % users] ?? ""
      const paying = { ...client, ...(source !== undefined && { source: `${source}${run}` }) }
      return { atMs, request: { ...admissionRequest({ id: isCopies ? id : randomUUID(), userId }), client: paying } }
    })
  })
}

/** The verdict of admission about rate limit, copies and behaviour. */
interface Verdict {
  readonly kind: Admission["kind"]
  readonly behaviour: readonly BehaviourSignal[]
  readonly retryAfterSeconds: number | undefined
}
function verdictOf(admission: Admission): Verdict {
  if (admission.kind === "seen") return expect.unreachable("nothing queues these requests")
  const retryAfterSeconds = admission.kind === "refused" ? admission.retryAfterSeconds : undefined
  return { kind: admission.kind, behaviour: admission.behaviour, retryAfterSeconds }
}

/** Feeds the same requests to the script and to rules, and compares every verdict. @throws at the first difference */
async function expectSame(
  script: string,
  requests: readonly TimedRequest[],
  look: (timed: TimedRequest) => Verdict,
): Promise<void> {
  const admission = createRedisAdmission(redis, { script: withPlantedClock(script) })
  for (const timed of requests) {
    const [, said] = await Promise.all([redis.set(clockKey, timed.atMs), admission.admit(timed.request)])
    expect({ atMs: timed.atMs, ...verdictOf(said) }).toEqual({ atMs: timed.atMs, ...look(timed) })
  }
}

const compare = (script: string, rules: AdmissionRules) =>
  fc.asyncProperty(bursts(anyClient), async (some) => {
    const look = admissionByRules(rules)
    await expectSame(script, requestsOf(some), ({ request, atMs }) => look(request, atMs))
  })

test("the script gives the same verdict as the domain's rules for every request of a sequence", async () => {
  await fc.assert(compare(admitScript, domainRules), { numRuns: 100 })
})

test("the rate limiter of a process gives the script's verdicts where it has the same data: trusted clients without a source", async () => {
  const trusted = fc.constant<Client>({ tier: 4, signals: [] })
  await fc.assert(
    fc.asyncProperty(bursts(trusted), async (some) => {
      const limiter = createLocalRateLimiter()
      await expectSame(admitScript, requestsOf(some), ({ request, atMs }) => {
        const { kind, behaviour, ...more } = limiter.look(request, atMs)
        const retryAfterSeconds = "retryAfterSeconds" in more ? more.retryAfterSeconds : undefined
        return { kind: kind === "limited" ? "refused" : kind, behaviour, retryAfterSeconds }
      })
    }),
    { numRuns: 50 },
  )
})

/** True if some sequence gets different verdicts from the two; any other failure is thrown. */
async function isNoticed(script: string, rules: AdmissionRules): Promise<boolean> {
  const { failed, errorInstance } = await fc.check(compare(script, rules), { numRuns: 200, endOnFailure: true })
  if (failed && (errorInstance as Error).name !== "AssertionError") throw errorInstance
  return failed
}

test.each([
  ["a token comes back too late", "taken - now - window", "taken - now - window + 1000"],
  ["a copy too many is free", "copies > free_copies", "copies > free_copies + 1"],
  ["a send too many is allowed", "sends < max_sends_at_once", "sends <= max_sends_at_once"],
  ["a gap too few counts as busy", "count == busy_gaps and", "count == busy_gaps - 1 and"],
  ["a minute is too short", "user_width, window = 9, 60000", "user_width, window = 9, 50000"],
  ["a client is never flagged lately", "local lately = now < suspect_until", "local lately = false"],
  ["a crowd is one user larger", "#users >= crowd_users * user_width", "#users > crowd_users * user_width"],
  ["regularity has no weight", "weight + regular_weight", "weight"],
])("a script in which %s is noticed", async (_fault, right, wrong) => {
  expect(admitScript).toContain(right)
  expect(await isNoticed(admitScript.replace(right, wrong), domainRules)).toBe(true)
})

test.each<[string, Partial<AdmissionRules>]>([
  ["a token takes twice as long", { takeToken: (full, refill, now) => domainRules.takeToken(full, 2 * refill, now) }],
  ["copies are never free", { countCopy: (before, now) => ({ ...domainRules.countCopy(before, now), costsToken: true }) }],
  ["every copy is sent", { sendCopy: (copies) => copies }],
  [
    "no user is regular",
    { behaviourOf: (user, source) => domainRules.behaviourOf(user, source).filter((one) => one !== "regular") },
  ],
  ["no client is flagged", { judge: (client, behaviour) => ({ ...domainRules.judge(client, behaviour), tier: client.tier }) }],
])("a domain in which %s is noticed", async (_fault, wrong) => {
  expect(await isNoticed(admitScript, { ...domainRules, ...wrong })).toBe(true)
})
