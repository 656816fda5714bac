import { allocationOf, fateOf, placeIn, type Story } from "./story.ts"

/**
 * What the generator can prove about the queue from outside. A receipt names the log position of one record of a shopper. A
 * shopper who asked more than once may have an earlier record, so their position is at most this one. Nothing is known about a
 * shopper without an answer: they may have won.
 */

/** The two clocks that see the start and the end of a hold may drift apart by this much meanwhile. */
const clockToleranceMs = 50

/** Invariant 12: a request is refused as sold out only if all units were given to earlier log positions. */
export function soldOutTooEarly(stories: readonly Story[], stock: number): string[] {
  const winners = stories.filter((story) => fateOf(story) === "won")
  const certain = winners.filter(hasCertainPlace).map(offsetOf).sort(ascending)
  const anywhere = winners.length - certain.length + stories.filter(mayHaveWon).length
  let ahead = 0
  return refusedInLine(stories).flatMap(({ offset, story }) => {
    while (ahead < certain.length && Number(certain[ahead]) < offset) ahead += 1
    if (ahead + anywhere >= stock) return []
    return [
      `shopper ${story.plan.number} at offset ${offset} was refused as sold out when at most ${ahead + anywhere} units were given before them`,
    ]
  })
}

/**
 * Invariant 11: after a request was refused as sold out, every unit that a later position or the waitlist gets was released
 * before. So the n-th of them is not answered before the n-th release was possible.
 */
export function outOfTurn(stories: readonly Story[], holdSeconds: number): string[] {
  const [firstRefused] = refusedInLine(stories)
  const given = stories
    .filter((story) => isGivenAfter(story, firstRefused?.offset ?? Number.POSITIVE_INFINITY))
    .map((story) => ({ story, atMs: allocationOf(story)?.atMs ?? 0 }))
    .sort((a, b) => a.atMs - b.atMs)
  const releases = stories.flatMap((story) => earliestRelease(story, holdSeconds) ?? []).sort(ascending)
  return given.flatMap(({ story, atMs }, index) => {
    const possibleAtMs = releases[index] ?? Number.POSITIVE_INFINITY
    if (atMs + clockToleranceMs >= possibleAtMs) return []
    const { number } = story.plan
    return [
      `shopper ${number} was given a unit at ${Math.round(atMs)} ms, after others were refused and before it was free again`,
    ]
  })
}

/** The waitlist is served in the order of its entries: no shopper who waits until the end is passed over. */
export function passedOver(stories: readonly Story[]): string[] {
  const promoted = stories.filter((story) => fateOf(story) === "promoted" && hasCertainPlace(story)).map(offsetOf)
  const last = promoted.reduce((latest, offset) => Math.max(latest, offset), -1)
  return stories
    .filter((story) => fateOf(story) === "waitlisted" && hasLapsed(story) && placeIn(story) && offsetOf(story) < last)
    .map((story) => `shopper ${story.plan.number} waited in vain at offset ${offsetOf(story)}, offset ${last} was served`)
}

/** A log position belongs to one shopper, and all positions of a SKU are in one partition. */
export function sharedPlaces(stories: readonly Story[]): string[] {
  const owners = new Map<number, number>()
  const partitions = new Set<number>()
  const violations: string[] = []
  for (const { plan, heard } of stories) {
    for (const { place } of heard) {
      if (place === undefined) continue
      partitions.add(place.partition)
      const owner = owners.get(place.offset) ?? plan.number
      owners.set(place.offset, owner)
      if (owner !== plan.number) violations.push(`shoppers ${owner} and ${plan.number} both have offset ${place.offset}`)
    }
  }
  if (partitions.size > 1) violations.push(`receipts name the partitions ${[...partitions].join(", ")}`)
  return violations
}

/** The shoppers whom a decision refused as sold out, by log position. */
function refusedInLine(stories: readonly Story[]): { story: Story; offset: number }[] {
  return stories
    .filter(({ heard }) => heard.some(({ decided, reason }) => decided && reason === "sold-out"))
    .filter((story) => placeIn(story) !== undefined)
    .map((story) => ({ story, offset: offsetOf(story) }))
    .sort((a, b) => a.offset - b.offset)
}

const isGivenAfter = (story: Story, offset: number): boolean => {
  const fate = fateOf(story)
  return fate === "promoted" || (fate === "won" && hasCertainPlace(story) && offsetOf(story) > offset)
}

/** The earliest time at which a shopper's unit can have been available again; undefined if they never had one or kept it. */
function earliestRelease(story: Story, holdSeconds: number): number | undefined {
  const { firstAskedAtMs = 0, cancelSentAtMs = Number.POSITIVE_INFINITY, checkoutSentAtMs = 0, order, orders = [] } = story
  const mayHaveUnit = allocationOf(story) !== undefined || mayHaveWon(story) || fateOf(story) === "waitlisted"
  if (!mayHaveUnit) return undefined
  if (orders.some(({ status }) => status === "FAILED" || status === "REFUNDED")) return checkoutSentAtMs
  if (order) return undefined
  return Math.min(cancelSentAtMs, firstAskedAtMs + holdSeconds * 1_000)
}

/** Shoppers for whom the outcome of a request that may have reached the queue is unknown. */
function mayHaveWon(story: Story): boolean {
  const fate = fateOf(story)
  return fate === "unanswered" || fate === "queued" || (fate === "turned-away" && story.timesAsked > 1)
}

const hasCertainPlace = (story: Story): boolean => story.timesAsked === 1 && placeIn(story) !== undefined
const hasLapsed = ({ heard }: Story): boolean => heard.at(-1)?.status === "LAPSED"
const offsetOf = (story: Story): number => placeIn(story)?.offset ?? -1
const ascending = (a: number, b: number): number => a - b
