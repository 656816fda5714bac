import type { EventLog } from "../../adapters/kafka/event-log.ts"
import type { Chunk, Turn } from "../../adapters/postgres/outbox.ts"
import { encodeEvent } from "../../contracts/events.ts"

/** Bounds of the relay of the ledger. Each of a turn's ends it at the next border of ledger entries. */
export const relayLimits = {
  maxTurnEvents: 5_000,
  maxTurnBytes: 2 * 1_024 * 1_024,
  maxTurnMs: 1_000,
  /** Events of one request to a broker, far below its limit of one megabyte. */
  maxSendEvents: 500,
  /** From a send to its acknowledgement, retries included: a broker that is slower counts as away. */
  maxSendMs: 8_000,
  /** A turn that nobody ends, because its relay died, ends after this. Longer than a send and its margin. */
  leaseMs: 10_000,
  /** No send begins that could end later than so long before the lease does. */
  leaseMarginMs: 1_000,
  /** One call begins no turn after this. */
  maxCallMs: 2_000,
} as const

export type RelayLimits = { readonly [Limit in keyof typeof relayLimits]: number }

/** What a turn did. */
export interface TurnResult {
  /** Ledger entries published and noted. */
  readonly entries: number
  /** Another relay has taken the turn: this one frozen or too slow. What it published and did not note, the other publishes again. */
  readonly isLost: boolean
}

/**
 * Publishes what comes next in a SKU's ledger, in order, until nothing is left or a bound of the turn is passed. No transaction is open while
 * a broker is waited for. Before each send the lease covers the whole of it, so that no relay publishes when it is another's turn.
 *
 * @throws PostgreSQL's errors, and the event log's when a send is not acknowledged in time
 */
export async function publishTurn(turn: Turn, events: EventLog, limits: RelayLimits = relayLimits): Promise<TurnResult> {
  const endsAtMs = performance.now() + limits.maxTurnMs
  let seq = turn.publishedSeq
  let [entries, eventsSent, bytesSent] = [0, 0, 0]
  do {
    const chunk = await turn.read(seq, limits.maxSendEvents)
    if (chunk === undefined) break
    if (!(await send(turn, chunk, events, limits))) return { entries, isLost: true }
    if (!(await turn.advance(seq, chunk.lastSeq))) return { entries, isLost: true }
    seq = chunk.lastSeq
    entries += chunk.entries
    eventsSent += chunk.events.length
    bytesSent += bytesOf(chunk)
  } while (eventsSent < limits.maxTurnEvents && bytesSent < limits.maxTurnBytes && performance.now() < endsAtMs)
  return { entries, isLost: false }
}

/** An entry may hold more events than one request takes: each request goes out only once the one before is acknowledged. */
async function send(turn: Turn, chunk: Chunk, events: EventLog, limits: RelayLimits): Promise<boolean> {
  for (let from = 0; from < chunk.events.length; from += limits.maxSendEvents) {
    if (turn.leaseLeftMs() < limits.maxSendMs + limits.leaseMarginMs && !(await turn.renew())) return false
    await events.publish({ ...chunk, events: chunk.events.slice(from, from + limits.maxSendEvents) }, limits.maxSendMs)
  }
  return true
}

const bytesOf = ({ events }: Chunk): number => events.reduce((sum, event) => sum + encodeEvent(event).length, 0)
