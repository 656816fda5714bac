import { hash } from "node:crypto"
import { ProviderFailure } from "../../adapters/payment/provider.ts"
import { type RefundRecord, type RefundRequestOutcome, readRefund, recordRequest } from "../../adapters/postgres/refunds.ts"
import { CommandRefused, NotFound, OutcomeUnknown } from "../../domain/errors.ts"
import { commandIdOf } from "../../domain/ids.ts"
import type { CommandKey } from "../../domain/keyed-command.ts"
import { openRefundStates } from "../../domain/refunds.ts"
import { askForRefund, type RefundDeps } from "./settle-refund.ts"

/** What an operator asks for. */
export interface RefundOrder {
  readonly orderId: string
  readonly reason: string
  /** Absent: all that is left. */
  readonly amountMinor?: number | undefined
  readonly returnUnit: boolean
}

/** After so many seconds the reconciler has asked the provider again. */
const retryAfterSeconds = 5

/**
 * Returns money of an order to its shopper. The refund is recorded before the provider is asked. The order, the units and the
 * ledger change in one transaction, once the provider says that the money went back. A repeated call with the same key returns
 * what became of the first one.
 *
 * @returns the refund, SUCCEEDED or PENDING
 * @throws NotFound, CommandRefused; OutcomeUnknown when the provider gave no definite answer: the reconciler asks it again.
 * PostgreSQL's errors
 */
export async function refundOrder(deps: RefundDeps, asked: RefundOrder, { owner, key }: CommandKey): Promise<RefundRecord> {
  const refundId = commandIdOf(owner, key)
  const { outcome, leftMinor } = await recordRequest(deps.pool, {
    ...asked,
    refundId,
    requestHash: hashOf(asked),
    requestedBy: owner,
  })
  if (outcome !== "recorded" && outcome !== "repeated") throw refusalOf(outcome, leftMinor)
  await deps.reach?.("recorded")
  const recorded = await readExisting(deps, refundId)
  if (openRefundStates.some((state) => state === recorded.state)) await ask(deps, recorded, outcome === "recorded")
  const settled = await readExisting(deps, refundId)
  if (settled.state === "FAILED") {
    throw new CommandRefused("refund-refused", {
      detail: `The payment provider made no refund (${settled.failureCode}). No money and no unit moved.`,
    })
  }
  return settled
}

async function ask(deps: RefundDeps, refund: RefundRecord, isFirstTry: boolean): Promise<void> {
  try {
    await askForRefund(deps, refund, isFirstTry)
  } catch (cause) {
    if (!(cause instanceof ProviderFailure)) throw cause
    throw new OutcomeUnknown("The payment provider gave no definite answer to a refund", {
      detail:
        "The refund is recorded, and the payment provider is asked again. Repeat the call with the same key to see the result.",
      retryAfterSeconds,
      cause,
    })
  }
}

async function readExisting({ pool }: RefundDeps, refundId: string): Promise<RefundRecord> {
  const refund = await readRefund(pool, refundId)
  if (refund === undefined) throw new Error(`Refund ${refundId} was recorded and is not there`)
  return refund
}

/** The amount as it was asked: the same words later ask for the same refund, although less is left then. */
const hashOf = ({ orderId, reason, amountMinor = 0, returnUnit }: RefundOrder): Buffer =>
  hash("sha256", JSON.stringify(["refund", orderId, reason, amountMinor, returnUnit]), "buffer")

function refusalOf(outcome: Exclude<RefundRequestOutcome, "recorded" | "repeated">, leftMinor: number): Error {
  switch (outcome) {
    case "not-found":
      return new NotFound("order")
    case "reused":
      return new CommandRefused("idempotency-key-reused", {
        detail: "The key was used for another command. Nothing was changed.",
      })
    case "not-paid":
      return new CommandRefused("order-not-paid", {
        detail:
          "No money of this order was captured, so none can go back. An order is captured within seconds of its sale, or its payment fails.",
      })
    case "in-progress":
      return new CommandRefused("refund-in-progress", {
        detail: "Refunds that are not finished, or a dispute, cover all money of this order.",
        retryAfterSeconds,
      })
    case "refunded":
      return new CommandRefused("order-already-refunded")
    case "too-large":
      return new CommandRefused("refund-too-large", { detail: `At most ${leftMinor} can go back, in the minor unit.` })
  }
}
