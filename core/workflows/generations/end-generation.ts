import { setTimeout as delay } from "node:timers/promises"
import type { Pool, PoolClient } from "pg"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import { acceptingSales, endGeneration, type Generation, readGenerations } from "../../adapters/postgres/generations.ts"
import { logger } from "../../adapters/telemetry.ts"
import { CommandRefused } from "../../domain/errors.ts"
import { recordsBetween } from "../../domain/log-generations.ts"

const endLimits = {
  /**
   * The queue must stay empty for this long: every function knows within 5 s that a sale is halted, also without Redis, and a
   * send takes 1.5 s at most.
   */
  quietMs: 7_000,
  /** A writer that needs longer to catch up is looked at again by the operator. */
  drainWaitMs: 30_000,
} as const
const pollMs = 200
const retryAfterSeconds = 10

export interface EndGenerationDeps {
  /** Connections of the admin role. */
  readonly pool: Pool
  readonly endOffsets: EndOffsets
  /** The generation in force, and the topics of all generations. */
  readonly log: { readonly generation: number; readonly topic: string; readonly topics: readonly string[] }
  /** A test waits less. */
  readonly limits?: { readonly [Limit in keyof typeof endLimits]: number }
}

export interface EndAsked {
  /** The topic cannot be read to its end: what the writer has not read is lost, and its shoppers reserve again. */
  readonly lost: boolean
  readonly operator: string
}

/**
 * Ends the generation of the request log that is in force, as the first step to the next one. No sale may put requests into the
 * queue, and the writer must have read it to its end. A lost generation ends at its watermarks. It stays ended, and a repeated
 * command changes nothing.
 *
 * @throws CommandRefused generation-not-ended with what to do; nothing was changed. The errors of PostgreSQL
 */
export async function endInForce(deps: EndGenerationDeps, { lost, operator }: EndAsked): Promise<void> {
  const { pool, log } = deps
  if ((await inForce(deps))?.ended !== undefined) return
  await requireNoSale(pool)
  await (lost ? delay((deps.limits ?? endLimits).quietMs) : waitUntilQuiet(deps))
  const asked = { ...log, lost, by: operator }
  const refused = await endGeneration(pool, asked, async (watermarks, client) => {
    // Somebody may have resumed a sale meanwhile.
    await requireNoSale(client)
    return lost ? undefined : notDrained(await waitingIn(deps, watermarks))
  })
  if (refused !== undefined) throw refused
  logger.warn("A generation of the requests has ended; the next one may be provisioned", {
    ...{ topic: log.topic, generation: log.generation, reason: lost ? "lost" : "drained", operator },
  })
}

const inForce = async ({ pool, log }: EndGenerationDeps): Promise<Generation | undefined> =>
  (await readGenerations(pool, [log.topic]))[0]

async function requireNoSale(client: Pool | PoolClient): Promise<void> {
  const [first, ...others] = await acceptingSales(client)
  if (first === undefined) return
  const all = [first, ...others].join(", ")
  throw refusal(`Sales still put requests into the queue, or open soon: ${all}. Halt each: npm run ops -- sale halt ${first}.`)
}

/**
 * Waits until the writer has read everything and nothing has come for a while. @throws CommandRefused when that takes too long
 */
async function waitUntilQuiet(deps: EndGenerationDeps): Promise<void> {
  const { quietMs, drainWaitMs } = deps.limits ?? endLimits
  const endsAtMs = performance.now() + drainWaitMs + quietMs
  let quietSinceMs = performance.now()
  for (;;) {
    const waiting = await waitingIn(deps, (await inForce(deps))?.watermarks ?? new Map())
    const nowMs = performance.now()
    if (waiting > 0) quietSinceMs = nowMs
    if (nowMs - quietSinceMs >= quietMs) return
    if (nowMs > endsAtMs) throw notDrained(waiting) ?? refusal("Requests still came into the queue. Is every sale halted?")
    await delay(pollMs)
  }
}

/** Records of the generation in force that are not decided. @throws CommandRefused when Kafka does not answer */
async function waitingIn({ endOffsets, log }: EndGenerationDeps, watermarks: ReadonlyMap<number, number>): Promise<number> {
  try {
    const ends = await endOffsets(log.topic)
    return [...ends].reduce((sum, [partition, end]) => sum + recordsBetween(watermarks.get(partition) ?? 0, end), 0)
  } catch (error) {
    throw refusal(
      "Kafka does not tell where the topic of the requests ends. If the topic is lost for good, say so: npm run ops -- generation move --lost.",
      error,
    )
  }
}

const notDrained = (waiting: number): CommandRefused | undefined =>
  waiting > 0 ? refusal(`${waiting} requests still wait for the writer. See: npm run ops -- lag.`) : undefined

const refusal = (detail: string, cause?: unknown): CommandRefused =>
  new CommandRefused("generation-not-ended", { detail, retryAfterSeconds, ...(cause !== undefined && { cause }) })
