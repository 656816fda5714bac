import type { Pool } from "pg"
import type { RequestLog } from "../../adapters/kafka/request-log.ts"
import { endUnderLock, type QuarantineRow, quarantinedAt, type SkuPlace, skuPlaces } from "../../adapters/postgres/quarantine.ts"
import { logger } from "../../adapters/telemetry.ts"
import { decodeReservationRecord, type ReservationRecord } from "../../contracts/reservation-record.ts"
import { CommandRefused, NotFound } from "../../domain/errors.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"

export interface QuarantineDeps {
  /** Connections of the admin role. */
  readonly pool: Pool
  readonly requestsTopic: string
  readonly requests: Pick<RequestLog, "append">
}

/** The quantities that the column of a reservation holds: `smallint`. */
const [leastQuantity, mostQuantity] = [-32_768, 32_767]

/** What a retry of a record does: appends its request, or keeps it in quarantine. */
export type RetryPlan =
  | { readonly kind: "append"; readonly request: ReservationRecord; readonly sku: SkuPlace }
  | { readonly kind: "keep"; readonly because: string }

/**
 * Decides whether the writer of this version can decide a record. A record that it cannot decide is not appended again: it would
 * only come back.
 */
export function retryPlan({ raw }: Pick<QuarantineRow, "raw">, skus: ReadonlyMap<number, SkuPlace>): RetryPlan {
  const decoded = decodeReservationRecord(raw)
  if (decoded.kind === "undecodable") {
    return { kind: "keep", because: `this version cannot read the record (${decoded.reason})` }
  }
  const { record: request } = decoded
  const sku = skus.get(request.skuNo)
  if (sku === undefined) return { kind: "keep", because: `there is no SKU with the number ${request.skuNo}` }
  if (request.quantity < leastQuantity || request.quantity > mostQuantity) {
    return { kind: "keep", because: `PostgreSQL refuses the quantity ${request.quantity}` }
  }
  return { kind: "append", request, sku }
}

/** The number of the SKU that a record names; none when it cannot be decoded. */
export function skuNosOf(rows: readonly Pick<QuarantineRow, "raw">[]): number[] {
  const numbers = rows.flatMap(({ raw }) => {
    const decoded = decodeReservationRecord(raw)
    return decoded.kind === "record" ? [decoded.record.skuNo] : []
  })
  return [...new Set(numbers)]
}

/**
 * Appends the request of a record in quarantine to the end of the queue, with its id. The writer then decides it like a request
 * that comes now: after those that wait, with the limits and the status of the sale. The row in quarantine stays and accounts for
 * the old offset. When the process ends between the append and the note of it, a repeated command appends the request again; its
 * id is decided once.
 *
 * @returns why the record stays in quarantine; undefined when its request is in the queue
 * @throws NotFound, CommandRefused when the place has no record in quarantine, or the record was dropped; errors of Kafka and
 * PostgreSQL
 */
export async function retryRecord(
  { pool, requestsTopic, requests }: QuarantineDeps,
  place: LogPosition,
  operator: string,
): Promise<string | undefined> {
  let found: QuarantineRow | undefined
  let keptBecause: string | undefined
  await endUnderLock(pool, requestsTopic, place, operator, async (row, client) => {
    found = row
    if (row.end !== undefined) return undefined
    const plan = retryPlan(row, await skuPlaces(client, skuNosOf([row])))
    if (plan.kind === "keep") {
      keptBecause = plan.because
      return undefined
    }
    // It comes now: the wait in quarantine is no wait in the queue.
    const movedTo = await requests.append({ ...plan.request, acceptedAtMs: Date.now() }, plan.sku.skuId, plan.sku.partition)
    logger.info("An operator put a quarantined request into the queue again; the writer decides it as if it came now", {
      ...{ from: `${requestsTopic}-${place.partition}@${place.offset}`, ...movedTo },
      ...{ reservationId: plan.request.id, sku_id: plan.sku.skuId, operator },
    })
    return { kind: "retried", movedTo }
  })
  if (found === undefined) throw nothingThere(place)
  if (found.end?.kind === "dropped") throw settled(`The record was dropped by ${found.end.by}: ${found.end.why}.`)
  return keptBecause
}

/**
 * Ends a record that nobody needs. Its row stays, with the operator and their reason. A record that is dropped already stays as
 * it is.
 * @throws NotFound, CommandRefused when the place has no record in quarantine, or its request was put into the queue again;
 * PostgreSQL's errors
 */
export async function dropRecord(
  { pool, requestsTopic }: Pick<QuarantineDeps, "pool" | "requestsTopic">,
  place: LogPosition,
  operator: string,
  why: string,
): Promise<void> {
  let found: QuarantineRow | undefined
  await endUnderLock(pool, requestsTopic, place, operator, async (row) => {
    found = row
    return row.end === undefined ? { kind: "dropped", why } : undefined
  })
  if (found === undefined) throw nothingThere(place)
  if (found.end?.kind === "retried") {
    const { partition, offset } = found.end.movedTo
    throw settled(
      `The request is in the queue again, at partition ${partition}, offset ${offset}, since ${found.end.by} retried it.`,
    )
  }
}

/** The record of a place. @throws NotFound, CommandRefused when none is in quarantine there; PostgreSQL's errors */
export async function mustBeQuarantined(pool: Pool, requestsTopic: string, place: LogPosition): Promise<QuarantineRow> {
  const row = await quarantinedAt(pool, requestsTopic, place)
  if (row === undefined) throw nothingThere(place)
  return row
}

const nothingThere = ({ partition, offset }: LogPosition) =>
  new NotFound("quarantined", {
    detail: `No record is in quarantine at partition ${partition}, offset ${offset}. See: ops quarantine list.`,
  })

const settled = (detail: string) => new CommandRefused("quarantine-settled", { detail })
