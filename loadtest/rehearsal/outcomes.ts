import { contradictions, turnedAwayLater } from "./consistency.ts"
import { type Fate, fateOf, type Story } from "./story.ts"

/** The number of shoppers by outcome. */
export interface Outcomes {
  readonly shoppers: number
  readonly onlyLooked: number
  readonly won: number
  readonly waitlisted: number
  readonly promoted: number
  /** By reason: refused by a decision, and refused by admission without a decision. */
  readonly refused: Readonly<Record<string, number>>
  readonly turnedAway: Readonly<Record<string, number>>
  readonly unanswered: number
  readonly paid: number
  readonly declined: number
  readonly cancelled: number
  readonly expired: number
  /** Shoppers who sent the same request again, and those of them whose answers agree. */
  readonly askedAgain: number
  readonly answeredAlike: number
}

/** Counts the outcomes of the shoppers. */
export function outcomesOf(stories: readonly Story[]): Outcomes {
  const count = (is: (story: Story) => boolean) => stories.filter(is).length
  const hasFate = (...fates: Fate[]) => count((story) => fates.includes(fateOf(story)))
  const repeated = stories.filter(({ timesAsked, heard }) => timesAsked > 1 && heard.length > 1)
  return {
    shoppers: stories.length,
    onlyLooked: hasFate("never-asked"),
    won: hasFate("won"),
    waitlisted: hasFate("promoted", "waitlisted"),
    promoted: hasFate("promoted"),
    refused: reasonsOf(stories, "refused"),
    turnedAway: reasonsOf(stories, "turned-away"),
    unanswered: hasFate("unanswered", "queued"),
    paid: count(({ order }) => order !== undefined),
    declined: count(({ declines }) => declines > 0),
    cancelled: count(({ cancelled }) => cancelled),
    expired: count(({ final }) => final?.status === "EXPIRED"),
    askedAgain: repeated.length,
    answeredAlike: repeated.filter((story) => contradictions(story).length + turnedAwayLater(story).length === 0).length,
  }
}

function reasonsOf(stories: readonly Story[], fate: Fate): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const story of stories) {
    if (fateOf(story) !== fate) continue
    const reason = story.heard.find(({ status }) => status === "REFUSED")?.reason ?? "unknown"
    counts[reason] = (counts[reason] ?? 0) + 1
  }
  return counts
}
