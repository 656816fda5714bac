import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import { createSingleFlight } from "../../concurrency/single-flight.ts"
import type { Admission } from "../../domain/admission.ts"
import type { LogPosition, QueueProgress } from "../../domain/queue-estimate.ts"
import { isDecided, positionOf, type ReservationView } from "../../domain/reservation-view.ts"
import type { SkuSale } from "../../domain/sale.ts"
import type { DecideDirectly } from "../allocation/direct-decisions.ts"
import type { AdmitRequest } from "./admit-request.ts"
import type { EnqueueRequest } from "./enqueue-request.ts"
import { type Refused, type ResolvedRequest, refused, resolveRequest, type ShopperRequest } from "./resolve-request.ts"

/** A sale whose mode changes more often than this during one request makes the shopper try again. */
const maxSwitches = 3

/** Seconds after which a retry can help, for each reason that is expected to pass. */
const retryAfterSeconds: Partial<Record<Refused["reason"], number>> = { "sale-halted": 5, "temporarily-unavailable": 5 }

/** The request waits for its decision. */
export interface Queued {
  readonly kind: "queued"
  readonly request: ResolvedRequest
  /** Undefined while another process is putting a copy of the request into the queue. */
  readonly position?: LogPosition
  /** The progress of the partition when the request was admitted. */
  readonly progress: QueueProgress
}

/** The request has a decision, from this call or from an earlier one with the same key. */
export interface Decided {
  readonly kind: "decided"
  readonly view: ReservationView
}

export type Submission = Refused | Queued | Decided

/**
 * Submits a request: admits it, then sends it into the queue or decides it directly, by the mode of its sale. The mode that this
 * process knows may be old. The transaction of a direct decision notices that, and the request goes into the queue. A request
 * that cannot be queued is decided directly if its sale has been switched meanwhile. Both ways for one request are harmless,
 * because an id is decided once. Copies of a request that this process is submitting share its result.
 *
 * @throws Overloaded or TemporarilyUnavailable when nothing was decided, OutcomeUnknown when it may have been; PostgreSQL's
 * errors
 */
export type SubmitRequest = (request: ShopperRequest) => Promise<Submission>

export interface SubmitDeps {
  readonly directory: SkuDirectory
  readonly admit: AdmitRequest
  readonly enqueue: EnqueueRequest
  readonly decideDirectly: DecideDirectly
}

/** How far a request has come; its copies share this state. */
type Placed = Refused | Decided | { readonly kind: "queued"; readonly position?: LogPosition }

export function createSubmitRequest({ directory, admit, enqueue, decideDirectly }: SubmitDeps): SubmitRequest {
  const flights = createSingleFlight<Placed>()

  return async (asked) => {
    const resolved = await resolveRequest(directory, asked)
    if (resolved.kind === "refused") return resolved
    const { request } = resolved
    const admission = await admit(request)
    if (admission.kind === "refused") return refusedBy(admission)
    const placed = await place(request, admission)
    return placed.kind === "queued" ? { ...placed, request, progress: admission.progress } : placed
  }

  async function place(request: ResolvedRequest, admission: Exclude<Admission, { kind: "refused" }>): Promise<Placed> {
    const { sale } = request.sku
    if (admission.kind === "seen") {
      if (isDecided(admission.view)) return { kind: "decided", view: admission.view }
      const position = sale.mode === "direct" ? undefined : positionOf(admission.view)
      if (position) return { kind: "queued", position }
    }
    const key = `${request.id} ${request.bodyHash}`
    if (admission.kind === "pending") return flights.running(key) ?? { kind: "queued" }
    const isCopy = admission.kind === "admitted" && admission.isCopy
    return flights.run(key, () => (sale.mode === "direct" ? toDecision(request, sale) : toQueue(request, isCopy)))
  }

  async function toQueue(request: ResolvedRequest, isCopy = false, switches = 0): Promise<Placed> {
    try {
      return { kind: "queued", position: await enqueue(request, isCopy) }
    } catch (error) {
      const sku = await directory.findFresh(request.sku.skuId).catch(() => undefined)
      if (sku?.sale.mode !== "direct" || switches >= maxSwitches) throw error
      return toDecision(request, sku.sale, switches)
    }
  }

  async function toDecision(request: ResolvedRequest, { epoch }: SkuSale, switches = 0): Promise<Placed> {
    const result = await decideDirectly(request, epoch)
    if (result.kind === "early") return refused("sale-not-open")
    // The key has a decision for another body: the first decision counts.
    if (result.kind === "decided") return result.view.bodyHash === request.bodyHash ? result : refused("idempotency-key-reused")
    const { sale } = result
    if (sale.mode === "halted") return refusedBy({ reason: "sale-halted" })
    if (switches >= maxSwitches) return refused("temporarily-unavailable")
    return sale.mode === "direct" ? toDecision(request, sale, switches + 1) : toQueue(request, false, switches + 1)
  }
}

/** A refusal of admission, with the time after which a retry can help, if any. */
function refusedBy(
  refusal: Pick<Extract<Admission, { kind: "refused" }>, "reason" | "retryAfterSeconds" | "isDecided">,
): Refused {
  const { reason, isDecided: wasDecided = false } = refusal
  const seconds = refusal.retryAfterSeconds ?? retryAfterSeconds[reason]
  return refused(reason, { isDecided: wasDecided, ...(seconds !== undefined && { retryAfterSeconds: seconds }) })
}
