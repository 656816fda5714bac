import { count, logger } from "../../core/adapters/telemetry.ts"
import { mapInParallel } from "../../core/concurrency/parallel.ts"
import type { AnySaleEvent, EventType } from "../../core/contracts/events.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { type Delivery, type PlacedEvent, placedEvent } from "./delivery.ts"

/** Captures of one partition under way at once; each waits some 200 ms for the provider, so that these are 160 a second. */
const widthOfCaptures = 32

export interface ReactorDeps {
  /** Collects the money of an order, or sets the order aside: it throws only when neither could be done. */
  readonly capture: (orderId: string) => Promise<unknown>
  /** Shows shoppers reservations as PostgreSQL has them. */
  readonly show: (reservationIds: readonly string[]) => Promise<void>
}

/** After these a shopper's view may be out of date, if the function that moved his reservation died before it told Redis. */
const movingTypes: ReadonlySet<EventType> = new Set([
  "reservation.promoted",
  "reservation.extended",
  "reservation.confirmed",
  "reservation.expired",
  "reservation.cancelled",
  "reservation.lapsed",
])

/**
 * Reacts to what happened to the sale: a confirmed reservation is charged, and whoever's reservation moved on sees it. Every reaction
 * reads PostgreSQL first, so that an event that comes twice, late or out of order does nothing twice. What is no event is passed over. An order
 * whose capture fails is set aside for the reconciler: its event does not come again, and holds up nobody.
 *
 * @param timeLeftMs asked before each capture; what is not begun in time comes again
 * @returns the first record of each partition that must come again
 */
export async function react(deps: ReactorDeps, { records }: Delivery, timeLeftMs: () => number): Promise<MskResponse> {
  const failures = await Promise.all(
    Object.entries(records).map(async ([partition, delivered]) => {
      const offset = await reactInOrder(deps, partition, delivered.map(placedEvent), timeLeftMs)
      return offset === undefined ? [] : [{ itemIdentifier: { partition, offset } }]
    }),
  )
  return { batchItemFailures: failures.flat() }
}

/** @returns the first offset whose reaction failed, or for which there was no time */
async function reactInOrder(
  deps: ReactorDeps,
  partition: string,
  placed: readonly PlacedEvent[],
  timeLeftMs: () => number,
): Promise<number | undefined> {
  const moved: { offset: number; id: string }[] = []
  const orders = new Map<string, { readonly offset: number; readonly reservationId: string | undefined }>()
  for (const { offset, event } of placed) {
    if (event === undefined) {
      passOver(partition, offset)
      continue
    }
    if (event.event_type === "reservation.confirmed" && !orders.has(event.payload.order_id)) {
      orders.set(event.payload.order_id, { offset, reservationId: event.reservation_id })
    }
    if (hasMoved(event)) moved.push({ offset, id: event.reservation_id })
  }
  const confirmed = [...orders]
  const [shown, captured] = await Promise.all([
    attempt(moved[0]?.offset, () => deps.show([...new Set(moved.map(({ id }) => id))])),
    mapInParallel(
      confirmed,
      widthOfCaptures,
      ([orderId, { offset, reservationId }]) => attempt(offset, () => deps.capture(orderId), { orderId, reservationId }),
      timeLeftMs,
    ),
  ])
  const notBegun = confirmed[captured.length]?.[1].offset
  const offsets = [shown, notBegun, ...captured].filter((offset) => offset !== undefined)
  return offsets.length === 0 ? undefined : Math.min(...offsets)
}

const hasMoved = (event: AnySaleEvent): event is AnySaleEvent & { readonly reservation_id: string } =>
  movingTypes.has(event.event_type) && event.reservation_id !== undefined

/** @returns the offset to begin with again, when the reaction failed */
async function attempt(
  offset: number | undefined,
  reaction: () => Promise<unknown>,
  ids: { readonly orderId?: string; readonly reservationId?: string | undefined } = {},
): Promise<number | undefined> {
  if (offset === undefined) return undefined
  try {
    await reaction()
    return undefined
  } catch (error) {
    logger.error("A reaction failed and comes again", { offset, ...ids, error: error as Error })
    return offset
  }
}

/** A record that will never be readable must not hold up those behind it. */
function passOver(partition: string, offset: number): void {
  count("quarantine.count")
  logger.error("A record on the event topic is no event and is passed over", { partition, offset })
}
