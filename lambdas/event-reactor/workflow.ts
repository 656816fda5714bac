import { logger } from "../../core/adapters/telemetry.ts"
import { mapInParallel } from "../../core/concurrency/parallel.ts"
import type { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { AnySaleEvent, EventType } from "../../core/contracts/events.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { type ConsumeDeps, consumeEvents, type PartitionEvents } from "../../core/workflows/streams/consume-events.ts"

/** Captures of one partition at the same time. Each waits about 200 ms for the provider, which makes 160 a second. */
const maxParallelCaptures = 32

export interface ReactorDeps extends ConsumeDeps {
  /** Captures the money of an order, or sets the order aside. It throws only when both fail. */
  readonly capture: (orderId: string) => Promise<unknown>
  /** Updates what shoppers see of these reservations from PostgreSQL. */
  readonly show: (reservationIds: readonly string[]) => Promise<void>
}

/**
 * After these events a shopper's view may be out of date, if the function that changed the reservation died before it wrote to
 * Redis.
 */
const viewChangingTypes: ReadonlySet<EventType> = new Set([
  "reservation.promoted",
  "reservation.extended",
  "reservation.confirmed",
  "reservation.expired",
  "reservation.cancelled",
  "reservation.lapsed",
])

/**
 * Reacts to events of the sale: captures the money of confirmed reservations, and updates what shoppers see of reservations that
 * changed. Every reaction reads PostgreSQL first, so that an event that comes twice, late or out of order has no second effect.
 * An order whose capture fails is set aside for the reconciler: its event is not delivered again, and does not delay others.
 *
 * @param timeLeftMs called before each capture; a capture that cannot begin in time is delivered again
 * @returns the first record of each partition that must be delivered again
 */
export const react = (deps: ReactorDeps, delivery: EventDelivery, timeLeftMs: () => number): Promise<MskResponse> =>
  consumeEvents(deps, delivery, (partition) => reactInOrder(deps, partition, timeLeftMs))

/** @returns the first offset whose reaction failed, or for which no time was left */
async function reactInOrder(
  deps: ReactorDeps,
  { events }: PartitionEvents,
  timeLeftMs: () => number,
): Promise<number | undefined> {
  const changed: { offset: number; id: string }[] = []
  const orders = new Map<string, { readonly offset: number; readonly reservationId: string | undefined }>()
  for (const { offset, event } of events) {
    if (event.event_type === "reservation.confirmed" && !orders.has(event.payload.order_id)) {
      orders.set(event.payload.order_id, { offset, reservationId: event.reservation_id })
    }
    if (changesView(event)) changed.push({ offset, id: event.reservation_id })
  }
  const confirmed = [...orders]
  const [shown, captured] = await Promise.all([
    attempt(changed[0]?.offset, () => deps.show([...new Set(changed.map(({ id }) => id))])),
    mapInParallel(
      confirmed,
      maxParallelCaptures,
      ([orderId, { offset, reservationId }]) => attempt(offset, () => deps.capture(orderId), { orderId, reservationId }),
      timeLeftMs,
    ),
  ])
  const notBegun = confirmed[captured.length]?.[1].offset
  const offsets = [shown, notBegun, ...captured].filter((offset) => offset !== undefined)
  return offsets.length === 0 ? undefined : Math.min(...offsets)
}

const changesView = (event: AnySaleEvent): event is AnySaleEvent & { readonly reservation_id: string } =>
  viewChangingTypes.has(event.event_type) && event.reservation_id !== undefined

/** @returns the offset that must be delivered again, when the reaction failed */
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
    logger.error("A reaction to an event failed; the event is delivered again", { offset, ...ids, error: error as Error })
    return offset
  }
}
