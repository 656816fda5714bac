import type { ReplayEffect } from "../../contracts/streams.ts"

/** What it means for a group to read its topic again. */
export interface ReplayRule {
  /** From where it may read: the writer goes on at its watermark, from everywhere else it would lose requests. */
  readonly from: "anywhere" | "watermark"
  readonly effect: ReplayEffect
  readonly why: string
}

const rules: Readonly<Record<string, ReplayRule>> = {
  "inventory-batch-writer": {
    from: "watermark",
    effect: "none",
    why: "The writer goes on at its watermark in PostgreSQL: every request below it is decided, and stays as it was decided. From another offset it would read again what is decided, or lose requests. So --to watermark is its only place. To see what is undecided: npm run ops -- lag. To prove every decision: npm run ops -- verify-sale.",
  },
  "event-reactor": {
    from: "anywhere",
    effect: "none",
    why: "Safe: every reaction reads PostgreSQL first. A payment that is captured is not captured again, and Redis gets what PostgreSQL has now.",
  },
  fulfilment: {
    from: "anywhere",
    effect: "none",
    why: "Safe: the orders are published again with the same event ids, and a warehouse drops ids that it knows.",
  },
  analytics: {
    from: "anywhere",
    effect: "new-generation",
    why: "The totals begin again from nothing, as a new generation; those of the generation before are kept and compared.",
  },
  notifier: {
    from: "anywhere",
    effect: "sends-again",
    why: "Shoppers get their notices again. It needs --send-again.",
  },
}

/** A group that is not in the table belongs to somebody else: only its owner knows what reading again does. */
const unknown: ReplayRule = {
  from: "anywhere",
  effect: "unknown",
  why: "The group is not ours: ask its owner what it does with records that it reads twice.",
}

export const replayRuleOf = (group: string): ReplayRule => rules[group] ?? unknown
