import { isUnavailable } from "../../core/adapters/http/unavailable.ts"
import type { Trace } from "../../core/adapters/kafka/request-log.ts"
import { signReceipt } from "../../core/adapters/receipts.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { ProblemError, problem } from "../../core/contracts/problems.ts"
import { batchItemIdOf, userIdOf } from "../../core/domain/ids.ts"
import { placeOf } from "../../core/workflows/find-reservation.ts"
import { inParallel } from "../../core/workflows/in-parallel.ts"
import { admissionProblem, type IntakeRequest, type Wish } from "../../core/workflows/intake.ts"
import type { ReserveSide } from "../../core/workflows/reserve-side.ts"

/** Items on their way at once: a batch for Redis and for Kafka, and short enough for shoppers to get in between. */
const itemsAtOnce = 250

export interface BatchCall {
  readonly items: readonly { readonly user_id: string; readonly sku_id: string; readonly quantity: number }[]
  /** Who vouches for the users: an item's user maps to an id as a token's subject of this issuer does. */
  readonly issuer: string
  readonly idempotencyKey: string
  readonly instance: string
  readonly trace: Trace
}

type Item = BatchAnswer["items"][number]

/** Puts every item in line that may go there. An item that may not has its problem in its place; the others do not notice. */
export async function reserveBatch(door: ReserveSide, call: BatchCall): Promise<BatchAnswer> {
  const wishes = call.items.map((item, index): Wish => {
    const userId = userIdOf(call.issuer, item.user_id)
    return {
      id: batchItemIdOf(userId, call.idempotencyKey, index),
      userId,
      skuId: item.sku_id,
      quantity: item.quantity,
      joinWaitlist: false,
      trace: call.trace,
    }
  })
  const items = await inParallel(wishes, itemsAtOnce, (wish) =>
    reserveItem(door, wish).catch((error) => refusal(error, call.instance)),
  )
  return { items }
}

async function reserveItem({ intake, takeIn }: ReserveSide, wish: Wish): Promise<Item> {
  const request = await intake.request(wish)
  const admission = await intake.admit(request)
  if (admission.kind === "refused") throw admissionProblem(admission)
  const taken = await takeIn(request, admission)
  if (taken.kind === "elsewhere") throw problem("temporarily-unavailable")
  if (taken.kind === "queued") return itemOf(request, "QUEUED", taken.place)
  const { status } = taken.seen
  return itemOf(request, status === "ADMITTED" ? "QUEUED" : status, placeOf(taken.seen))
}

async function itemOf(
  { id, owner, sku, quantity }: IntakeRequest,
  status: Extract<Item, { reservation_id: string }>["status"],
  place: ReturnType<typeof placeOf>,
): Promise<Item> {
  const receipt = place && (await signReceipt({ reservationId: id, owner, skuId: sku.skuId, quantity, ...place }))
  return { reservation_id: id, status, ...(receipt && { receipt }) }
}

function refusal(error: unknown, instance: string): Item {
  const { slug, details } = problemOf(error)
  return problemDocument(slug, { ...details, extensions: { decided: false, ...details.extensions } }, instance)
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (isUnavailable(error)) return problem("temporarily-unavailable", {}, error)
  logger.error("An item of a batch failed for no reason we foresaw", { error: error as Error })
  return problem("internal-error", {}, error)
}
