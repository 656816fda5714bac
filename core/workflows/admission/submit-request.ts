import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { Admission } from "../../adapters/redis/admission.ts"
import { isDecided, type SeenReservation } from "../../adapters/seen-reservation.ts"
import { createSingleFlight } from "../../concurrency/single-flight.ts"
import { problem } from "../../contracts/problems.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import type { SkuSale } from "../../domain/sale.ts"
import type { DecideDirectly } from "../allocation/direct-decisions.ts"
import { placeOf } from "../reservations/find-reservation.ts"
import { admissionProblem, type Intake, type IntakeRequest } from "./intake.ts"

/** A sale that is switched more often than this while one request is on its way lets it come again. */
const maxSwitches = 3

/** Where an admitted request has come: into the line, or to its decision. `elsewhere`: another process has a copy of it on its way. */
export type Taken =
  | { readonly kind: "elsewhere" }
  | { readonly kind: "queued"; readonly place: LogPosition }
  | { readonly kind: "decided"; readonly seen: SeenReservation }

type Admitted = Exclude<Admission, { kind: "refused" }>

/**
 * Takes an admitted request the way its sale goes. What this process knows of the mode may be old: the transaction of a direct decision
 * finds out and the request goes into the line after all; a line that cannot be reached may have been given up for direct mode. Going both
 * ways does no harm, for the id is decided once. Copies of a request that is on its way in this process come where it comes, as one.
 *
 * @throws ProblemError sale-halted, idempotency-key-reused, temporarily-unavailable or outcome-unknown; PostgreSQL's errors
 */
export type TakeIn = (request: IntakeRequest, admission: Admitted) => Promise<Taken>

export interface TakeInDeps {
  readonly intake: Intake
  readonly directory: SkuDirectory
  readonly decideDirectly: DecideDirectly
}

export function createTakeIn({ intake, directory, decideDirectly }: TakeInDeps): TakeIn {
  const onTheWay = createSingleFlight<Taken>()

  return async (request, admission) => {
    if (admission.kind === "seen" && isDecided(admission.seen)) return { kind: "decided", seen: admission.seen }
    const { sale } = request.sku
    const place = admission.kind === "seen" && sale.mode !== "direct" ? placeOf(admission.seen) : undefined
    if (place) return { kind: "queued", place }
    const key = `${request.id} ${request.bodyHash}`
    if (admission.kind === "pending") return onTheWay.underWay(key) ?? { kind: "elsewhere" }
    const isCopy = admission.kind === "admitted" && admission.isCopy
    return onTheWay.run(key, () => (sale.mode === "direct" ? directly(request, sale) : intoLine(request, isCopy)))
  }

  async function intoLine(request: IntakeRequest, isCopy = false, switches = 0): Promise<Taken> {
    try {
      return { kind: "queued", place: await intake.enqueue(request, isCopy) }
    } catch (error) {
      const sku = await directory.findFresh(request.sku.skuId).catch(() => undefined)
      if (sku?.sale.mode !== "direct" || switches >= maxSwitches) throw error
      return directly(request, sku.sale, switches)
    }
  }

  async function directly(request: IntakeRequest, { epoch }: SkuSale, switches = 0): Promise<Taken> {
    const result = await decideDirectly(request, epoch)
    if (result.kind === "decided") {
      // Decided before about something else: the first decision stands, and this is not its request.
      if (result.seen.bodyHash !== request.bodyHash) throw problem("idempotency-key-reused")
      return result
    }
    const { sale } = result
    if (sale.mode === "halted") throw admissionProblem({ reason: "sale-halted" })
    if (switches >= maxSwitches) throw problem("temporarily-unavailable")
    return sale.mode === "direct" ? directly(request, sale, switches + 1) : intoLine(request, false, switches + 1)
  }
}
