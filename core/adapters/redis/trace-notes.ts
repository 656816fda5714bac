import type { Redis } from "ioredis"
import { away, type RedisGuard } from "./guard.ts"
import { redisKeys } from "./keys.ts"

/**
 * How long the events of a reservation belong to the trace of its request. Most holds are paid or over by then. With the traces
 * that a process may begin (tracing/trace-budget.ts) it bounds the notes: 900 of a process, about 150 bytes each.
 */
export const traceNoteTtlSeconds = 15 * 60

/** The traces of reservations whose requests are traced. The relay of the ledger knows a reservation by its id alone. */
export interface TraceNotes {
  /** Notes a trace. Nothing waits for it: without the note, the events belong to no trace. */
  note(reservationId: string, traceparent: string): void
  /** The traces of those reservations that have one, by id; empty while Redis is away. One round trip. */
  find(reservationIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export const createTraceNotes = (redis: Redis, guard: RedisGuard): TraceNotes => ({
  note(reservationId, traceparent) {
    void guard.ask(() => redis.set(redisKeys.trace(reservationId), traceparent, "EX", traceNoteTtlSeconds))
  },
  async find(reservationIds) {
    if (reservationIds.length === 0) return new Map()
    const found = await guard.ask(() => redis.mget(reservationIds.map(redisKeys.trace)))
    if (found === away) return new Map()
    return new Map(reservationIds.flatMap((id, index) => (found[index] == null ? [] : [[id, found[index]]])))
  },
})
