import { type Answer, isPassing, leavesDoubt, type Refusal } from "./answer.ts"
import { knownOf, noticeOf, withAnswer } from "./merge-known.ts"
import { retryDelayMs } from "./pace.ts"
import type { ReservationBody } from "./purchase-events.ts"
import { type Asking, type At, dueIn, noPayment, rest, type Step, sent } from "./purchase-state.ts"

/** The request is on its way: until an answer comes, it may have taken effect. */
export const askedBefore = (asking: Asking): Asking => ({ ...asking, call: sent })

/** The answer to a request for units. */
export function onReserveAnswer(before: Asking, answer: Answer<ReservationBody>, at: At): Step {
  switch (answer.kind) {
    case "done":
      return follow(before, answer.body, answer.retryAfterSeconds, at)
    case "lost":
      return tryAgain(before, "lost", undefined, true, at)
    case "signed-out":
      return {
        purchase: { ...before, call: rest, trouble: { slug: "unauthorized", failures: failuresOf(before) } },
        effects: [],
      }
    case "refused":
      return onRefusal(before, answer, at)
  }
}

function onRefusal(before: Asking, refusal: Refusal, at: At): Step {
  const { slug, retryAfterSeconds } = refusal
  if (isPassing(refusal)) return tryAgain(before, slug, retryAfterSeconds, leavesDoubt(refusal), at)
  return { purchase: { kind: "refused", wish: before.wish, slug, retryAfterSeconds }, effects: [] }
}

const failuresOf = ({ trouble }: Asking): number => trouble?.failures ?? 0

/** The same key is sent again: a copy has the effect of the first request, once. */
function tryAgain(before: Asking, slug: string, retryAfterSeconds: number | undefined, leavesDoubtNow: boolean, at: At): Step {
  const failures = failuresOf(before) + 1
  return {
    purchase: {
      ...before,
      isInDoubt: before.isInDoubt || leavesDoubtNow,
      trouble: { slug, failures },
      call: dueIn(retryDelayMs(failures, retryAfterSeconds, at.random), at),
    },
    effects: [],
  }
}

function follow({ wish }: Asking, body: ReservationBody, retryAfterSeconds: number | undefined, at: At): Step {
  const known = knownOf(body)
  const notice = noticeOf(undefined, known.status)
  const purchase = withAnswer({ kind: "following", wish, known, call: rest, payment: noPayment }, body, retryAfterSeconds, at)
  return { purchase, effects: notice === undefined ? [] : [{ kind: "notify", notice }] }
}
