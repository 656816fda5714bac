import type { Trace } from "../../core/adapters/kafka/request-log.ts"
import type { Receipts } from "../../core/adapters/receipts.ts"
import { mapInParallel } from "../../core/concurrency/parallel.ts"
import type { BatchAnswer } from "../../core/contracts/http/reservations.ts"
import { identifyBatchCall } from "../../core/domain/batch-call.ts"
import { CommandRefused } from "../../core/domain/errors.ts"
import { ownerOf, userIdOf } from "../../core/domain/ids.ts"
import { positionOf, publicStatus } from "../../core/domain/reservation-view.ts"
import { refused, type ShopperRequest } from "../../core/workflows/admission/resolve-request.ts"
import type { SubmitRequest } from "../../core/workflows/admission/submit-request.ts"
import { failedItem, refusedItem } from "./answer.ts"

/** Items that are submitted at once: a good batch for Redis and Kafka, and small enough that shoppers do not wait long. */
const itemsAtOnce = 250

export interface BatchCall {
  readonly items: readonly { readonly user_id: string; readonly sku_id: string; readonly quantity: number }[]
  /** The trusted client and its issuer: the user of an item maps to an id in the same way as a subject of this issuer. */
  readonly client: { readonly userId: string; readonly issuer: string }
  readonly idempotencyKey: string
  readonly instance: string
  readonly trace: Trace
}

type Item = BatchAnswer["items"][number]

interface Reserving {
  readonly submitRequest: SubmitRequest
  readonly receipts: Pick<Receipts, "sign">
}

export interface BatchDeps {
  readonly reserving: Reserving
  /** Records what a key stands for; false when it stands for other items. @throws PostgreSQL's errors */
  readonly noteCall: (callId: string, bodyHash: Buffer) => Promise<boolean>
}

/**
 * Submits every item. A refused item has its own problem in the answer and does not affect the others. A key stands for one set
 * of items, in any order: a call that is repeated, or sent twice at once, gives the same reservations.
 *
 * @throws CommandRefused idempotency-key-reused, before anything is put into the queue; PostgreSQL's errors while it cannot
 * record the key
 */
export async function reserveBatch({ reserving, noteCall }: BatchDeps, call: BatchCall): Promise<BatchAnswer> {
  const asked = call.items.map(({ user_id, sku_id: skuId, quantity }) => {
    return { userId: userIdOf(call.client.issuer, user_id), skuId, quantity }
  })
  const { callId, bodyHash, itemIds } = identifyBatchCall(call.client.userId, call.idempotencyKey, asked)
  if (!(await noteCall(callId, bodyHash))) {
    throw new CommandRefused("idempotency-key-reused", { detail: "The key was used for other items. Nothing was reserved." })
  }
  const requests = asked.map((item, index): ShopperRequest => {
    // One item stands for all in a trace: a call may have hundreds of them.
    return { ...item, id: itemIds[index] ?? "", joinWaitlist: false, ...(index === 0 && { trace: call.trace }) }
  })
  const items = await mapInParallel(requests, itemsAtOnce, (request) =>
    reserveItem(reserving, request, call.instance).catch((error) => failedItem(error, call.instance)),
  )
  return { items }
}

async function reserveItem({ submitRequest, receipts }: Reserving, request: ShopperRequest, instance: string): Promise<Item> {
  const submission = await submitRequest(request)
  if (submission.kind === "refused") return refusedItem(submission, instance)
  const { id, userId, skuId, quantity } = request
  const position = submission.kind === "queued" ? submission.position : positionOf(submission.view)
  if (submission.kind === "queued" && position === undefined) return refusedItem(refused("temporarily-unavailable"), instance)
  const status = submission.kind === "queued" ? "QUEUED" : publicStatus(submission.view)
  const receipt = position && (await receipts.sign({ reservationId: id, owner: ownerOf(userId), skuId, quantity, ...position }))
  return { reservation_id: id, status, ...(receipt && { receipt }) }
}
