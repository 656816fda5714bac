import type { IHeaders, Kafka } from "kafkajs"
import { type ProblemError, problem } from "../../contracts/problems.ts"
import { encodeReservationRecord, type ReservationRecord } from "../../contracts/reservation-record.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import { count, record as measure } from "../telemetry.ts"
import { createSender, senderLimits } from "./sender.ts"

/** Bounds of the producer of `reservation-requests`. */
export const requestLogLimits = {
  /** A record waits this long for company while another send of its partition is under way; with none it goes at once. */
  lingerMs: 5,
  maxBatchRecords: 250,
  /** Sends of one partition that are not acknowledged yet. */
  maxInFlightSends: 4,
  /** Records of a process that are not sent yet; what comes then is refused at once. */
  maxQueuedRecords: 10_000,
  /** From the call to the acknowledgement, retries included. */
  deadlineMs: 1_500,
  maxLinks: senderLimits.maxLinks,
} as const

export type RequestLogLimits = { readonly [Limit in keyof typeof requestLogLimits]: number }

/** What a record carries beside itself, when its request is traced. */
export interface Trace {
  readonly correlationId: string
  readonly traceparent?: string
}

export interface RequestLog {
  /**
   * Puts a request in line and waits until all in-sync replicas have it. It may end up there more than once: nothing is decided twice.
   * @throws ProblemError temporarily-unavailable when it is certainly not in line, outcome-unknown when it may be
   */
  append(request: ReservationRecord, skuId: string, partition: number, trace?: Trace): Promise<LogPosition>
  close(): Promise<void>
}

interface Queued {
  readonly message: { readonly key: string; readonly value: Buffer; readonly partition: number; readonly headers?: IHeaders }
  readonly atMs: number
  readonly resolve: (place: LogPosition) => void
  readonly reject: (problem: ProblemError) => void
}

/** Sends of one partition: its leader's trouble is not its neighbours'. */
interface Lane {
  readonly partition: number
  queue: Queued[]
  inFlight: number
  linger: NodeJS.Timeout | undefined
  soon: NodeJS.Immediate | undefined
}

/** The producer of `reservation-requests`, shared by all requests of a process: many small sends become few large ones. */
export function createRequestLog(kafka: Kafka, topic: string, limits: RequestLogLimits = requestLogLimits): RequestLog {
  const sender = createSender(kafka, topic, limits)
  const lanes = new Map<number, Lane>()
  let queued = 0

  const laneOf = (partition: number): Lane => {
    const lane = lanes.get(partition) ?? { partition, queue: [], inFlight: 0, linger: undefined, soon: undefined }
    lanes.set(partition, lane)
    return lane
  }

  const flush = (lane: Lane) => {
    clearTimeout(lane.linger)
    clearImmediate(lane.soon)
    lane.linger = lane.soon = undefined
    while (lane.queue.length > 0 && lane.inFlight < limits.maxInFlightSends) {
      const batch = lane.queue.splice(0, limits.maxBatchRecords)
      queued -= batch.length
      void send(lane, batch)
    }
  }

  /**
   * With nothing under way, whatever this turn of the event loop brings goes out together. Otherwise a batch grows until the send
   * before it is acknowledged, but not for long: measured at 1,000 records/s, p95 is 0.6 ms this way and 5 ms with a fixed linger.
   */
  const schedule = (lane: Lane) => {
    if (lane.queue.length >= limits.maxBatchRecords) flush(lane)
    else if (lane.inFlight === 0) lane.soon ??= setImmediate(flush, lane)
    else lane.linger ??= setTimeout(flush, limits.lingerMs, lane)
  }

  const send = async (lane: Lane, batch: readonly Queued[]) => {
    lane.inFlight += 1
    const [first] = batch
    const result = await sender.send(
      batch.map(({ message }) => message),
      (first?.atMs ?? 0) + limits.deadlineMs,
    )
    lane.inFlight -= 1
    const nowMs = performance.now()
    batch.forEach(({ atMs, resolve, reject }, index) => {
      if (result.kind === "acknowledged") {
        measure("produce.latency", nowMs - atMs)
        resolve({ partition: lane.partition, offset: result.baseOffset + index })
      } else reject(problem(result.kind === "unsent" ? "temporarily-unavailable" : "outcome-unknown", {}, result.error))
    })
    count(result.kind === "acknowledged" ? "produce.rate" : "produce.errors", batch.length)
    if (lane.inFlight === 0) flush(lane)
    else if (lane.queue.length > 0) schedule(lane)
  }

  return {
    append(request, skuId, partition, trace) {
      if (queued >= limits.maxQueuedRecords) return Promise.reject(problem("temporarily-unavailable"))
      const lane = laneOf(partition)
      const headers = trace && sampledHeaders(trace)
      const message = { key: skuId, value: encodeReservationRecord(request), partition, ...(headers && { headers }) }
      return new Promise((resolve, reject) => {
        lane.queue.push({ message, atMs: performance.now(), resolve, reject })
        queued += 1
        schedule(lane)
      })
    },
    close: () => sender.close(),
  }
}

/** A record stays small: it names its trace only when somebody records that trace (W3C Trace Context, flag `sampled`). */
function sampledHeaders({ correlationId, traceparent }: Trace): IHeaders | undefined {
  const flags = Number.parseInt(traceparent?.slice(-2) ?? "0", 16)
  return traceparent !== undefined && (flags & 1) === 1 ? { traceparent, "x-correlation-id": correlationId } : undefined
}
