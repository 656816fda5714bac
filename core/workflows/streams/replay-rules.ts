import type { ReplayEffect } from "../../contracts/streams.ts"

/** What it means for a group to read its topic again. */
export type ReplayRule =
  | { readonly kind: "allowed"; readonly effect: ReplayEffect; readonly why: string }
  | { readonly kind: "refused"; readonly why: string }

const rules: Readonly<Record<string, ReplayRule>> = {
  "inventory-batch-writer": {
    kind: "refused",
    why: "The writer does not read from its committed offset alone: its watermark in PostgreSQL says which requests are decided, and a request below it stays as it was decided. Reading again changes nothing, and reading on would lose requests. To see what is undecided: npm run ops -- lag. To prove every decision: npm run ops -- verify-sale.",
  },
  "event-reactor": {
    kind: "allowed",
    effect: "none",
    why: "Safe: every reaction reads PostgreSQL first. A payment that is captured is not captured again, and Redis gets what PostgreSQL has now.",
  },
  fulfilment: {
    kind: "allowed",
    effect: "none",
    why: "Safe: the orders are published again with the same event ids, and a warehouse drops ids that it knows.",
  },
  analytics: {
    kind: "allowed",
    effect: "new-generation",
    why: "The totals begin again from nothing, as a new generation; those of the generation before are kept and compared.",
  },
  notifier: {
    kind: "allowed",
    effect: "sends-again",
    why: "Shoppers get their notices again. It needs --send-again.",
  },
}

/** A group that is not in the table belongs to somebody else: only its owner knows what reading again does. */
const unknown: ReplayRule = {
  kind: "allowed",
  effect: "unknown",
  why: "The group is not ours: ask its owner what it does with records that it reads twice.",
}

export const replayRuleOf = (group: string): ReplayRule => rules[group] ?? unknown
