import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import type { Trace } from "../../core/adapters/kafka/request-log.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { mapInParallel } from "../../core/concurrency/parallel.ts"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { ProblemError, problem } from "../../core/contracts/problems.ts"
import { identifyBatchCall } from "../../core/domain/batch-call.ts"
import { userIdOf } from "../../core/domain/ids.ts"
import type { ReserveSide } from "../../core/runtime/reserve-runtime.ts"
import { admissionProblem, type IntakeRequest, type Wish } from "../../core/workflows/admission/intake.ts"
import { placeOf } from "../../core/workflows/reservations/find-reservation.ts"

/** Items on their way at once: a batch for Redis and for Kafka, and short enough for shoppers to get in between. */
const itemsAtOnce = 250

export interface BatchCall {
  readonly items: readonly { readonly user_id: string; readonly sku_id: string; readonly quantity: number }[]
  /** The trusted client, and who vouches for its users: an item's user maps to an id as a token's subject of this issuer does. */
  readonly client: { readonly userId: string; readonly issuer: string }
  readonly idempotencyKey: string
  readonly instance: string
  readonly trace: Trace
}

type Item = BatchAnswer["items"][number]

export interface BatchDeps {
  readonly reserving: ReserveSide
  /** Remembers what a key stands for; false when it stands for other items. @throws PostgreSQL's errors */
  readonly noteCall: (callId: string, bodyHash: Buffer) => Promise<boolean>
}

/**
 * Puts every item into the queue that may go there. An item that may not has its problem in its place; the others do not notice. A key is
 * good for one set of items, in any order: whatever is repeated or sent twice at once comes to the same reservations.
 *
 * @throws ProblemError idempotency-key-reused, before anything is put into the queue; PostgreSQL's errors while it cannot remember the key
 */
export async function reserveBatch({ reserving, noteCall }: BatchDeps, call: BatchCall): Promise<BatchAnswer> {
  const asked = call.items.map(({ user_id, sku_id: skuId, quantity }) => {
    return { userId: userIdOf(call.client.issuer, user_id), skuId, quantity }
  })
  const { callId, bodyHash, itemIds } = identifyBatchCall(call.client.userId, call.idempotencyKey, asked)
  if (!(await noteCall(callId, bodyHash))) {
    throw problem("idempotency-key-reused", { detail: "The key was used for other items. Nothing was reserved." })
  }
  const wishes = asked.map((item, index): Wish => ({ ...item, id: itemIds[index] ?? "", joinWaitlist: false, trace: call.trace }))
  const items = await mapInParallel(wishes, itemsAtOnce, (wish) =>
    reserveItem(reserving, wish).catch((error) => refusal(error, call.instance)),
  )
  return { items }
}

async function reserveItem({ intake, takeIn, receipts }: ReserveSide, wish: Wish): Promise<Item> {
  const request = await intake.request(wish)
  const admission = await intake.admit(request)
  if (admission.kind === "refused") throw admissionProblem(admission)
  const taken = await takeIn(request, admission)
  if (taken.kind === "elsewhere") throw problem("temporarily-unavailable")
  if (taken.kind === "queued") return itemOf(receipts, request, "QUEUED", taken.place)
  const { status } = taken.seen
  return itemOf(receipts, request, status === "ADMITTED" ? "QUEUED" : status, placeOf(taken.seen))
}

async function itemOf(
  receipts: ReserveSide["receipts"],
  { id, owner, sku, quantity }: IntakeRequest,
  status: Extract<Item, { reservation_id: string }>["status"],
  place: ReturnType<typeof placeOf>,
): Promise<Item> {
  const receipt = place && (await receipts.sign({ reservationId: id, owner, skuId: sku.skuId, quantity, ...place }))
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
