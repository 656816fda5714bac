import type { EventLog } from "../../adapters/kafka/event-log.ts"
import type { Chunk, Turn } from "../../adapters/postgres/outbox.ts"
import { encodeEvent } from "../../contracts/events.ts"

/** Bounds of the relay of the ledger. A turn that reaches one of its bounds ends after the current ledger entry. */
export const relayLimits = {
  maxTurnEvents: 5_000,
  maxTurnBytes: 2 * 1_024 * 1_024,
  maxTurnMs: 1_000,
  /** Events of one request to a broker, far below its limit of one megabyte. */
  maxSendEvents: 500,
  /** From a send to its acknowledgement, retries included. A slower broker counts as away. */
  maxSendMs: 8_000,
  /** The turn of a relay that died ends after this. It is longer than a send and its margin. */
  leaseMs: 10_000,
  /** A send must be able to end so long before the lease does. */
  leaseMarginMs: 1_000,
  /** A call begins no turn after this. */
  maxCallMs: 2_000,
} as const

export type RelayLimits = { readonly [Limit in keyof typeof relayLimits]: number }

/** The result of a turn. */
export interface TurnResult {
  /** Ledger entries that were published and recorded as published. */
  readonly entries: number
  /** Another relay has taken the turn, because this one was frozen or too slow. It publishes the unrecorded entries again. */
  readonly isLost: boolean
}

/**
 * Publishes the next entries of a SKU's ledger, in order, until none is left or a bound of the turn is reached. No transaction is
 * open while the relay waits for a broker. Before each send the lease covers the whole of it, so that no relay publishes during
 * the turn of another one.
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

/** An entry may hold more events than one request takes. Each request is sent only after the one before is acknowledged. */
async function send(turn: Turn, chunk: Chunk, events: EventLog, limits: RelayLimits): Promise<boolean> {
  for (let from = 0; from < chunk.events.length; from += limits.maxSendEvents) {
    if (turn.leaseLeftMs() < limits.maxSendMs + limits.leaseMarginMs && !(await turn.renew())) return false
    await events.publish({ ...chunk, events: chunk.events.slice(from, from + limits.maxSendEvents) }, limits.maxSendMs)
  }
  return true
}

const bytesOf = ({ events }: Chunk): number => events.reduce((sum, event) => sum + encodeEvent(event).length, 0)
