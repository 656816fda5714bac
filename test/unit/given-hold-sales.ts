import type { PlayedHoldSale } from "../../loadtest/fairness/hold-sales.ts"
import { holdPopulation } from "../../loadtest/fairness/population.ts"
import type { Story } from "../../loadtest/rehearsal/story.ts"
import { createTally } from "../../loadtest/rehearsal/tally.ts"
import { payer, winner } from "./rehearsal/given-story.ts"

/** Two units, holds of 10 s, 100 s: the accounts that never pay are the first cohort, the people the second. */
export const holdSaleTerms = { stock: 2, holdSeconds: 10, seconds: 100 } as const

/** A sale after its play: by cohort and account, the requests in their order. */
export function playedHoldSale(stories: readonly (readonly (readonly Story[])[])[], sold = 0): PlayedHoldSale {
  const tally = createTally().summary()
  return {
    ...holdSaleTerms,
    cohorts: new Map(holdPopulation.map((cohort, index) => [cohort, { stories: stories[index] ?? [], tally }])),
    unread: [],
    stats: {
      ...{ sku_id: "s", status: "open", mode: "batch", total: 2, available: 2 - sold, reserved: 0, sold, waitlisted: 0 },
      ...{
        decisions: { reserved: 0, waitlisted: 0, refused: {} },
        backlog: 0,
        partition_backlog: 0,
        watermark: 0,
        ledger_seq: 0,
      },
    },
  }
}

/** An account has two holds with the limit and a person pays; without the limit it has four and nobody else gets a unit. */
export const goodHoldSales = {
  limited: playedHoldSale([[[winner(1, 1, 0), winner(2, 2, 15_000)]], [[payer(3, 3, 20_000)]]], 1),
  lifted: playedHoldSale([[[0, 15, 30, 45].map((at, index) => winner(index + 1, index + 1, at * 1_000))], [[]]]),
} as const
