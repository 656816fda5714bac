import { type Layout, layouts, type PathRun, type Profile, p95BoundsMs, profiles, type StepResult } from "../path/result.ts"

/** The steps of one profile in one layout, the lowest rate first. */
export interface Ladder {
  readonly profile: Profile
  readonly layout: Layout
  readonly steps: readonly StepResult[]
}

/** The ladders of a run. */
export const laddersOf = ({ results }: PathRun): Ladder[] =>
  profiles.flatMap((profile) =>
    layouts.flatMap((layout) => {
      const steps = results.filter((step) => step.profile === profile && step.layout === layout)
      return steps.length === 0 ? [] : [{ profile, layout, steps: steps.toSorted((a, b) => a.rate_offered - b.rate_offered) }]
    }),
  )

/** The knee: the highest rate that was held; undefined if none was. */
export const kneeOf = ({ steps }: Ladder): StepResult | undefined => steps.findLast(({ held }) => held)

const rate = (value: number): string => `${value.toLocaleString("en")}/s`

/** The knee in a sentence, with each doubt about it. */
export function kneeSentence(ladder: Ladder): string {
  const { profile, layout, steps } = ladder
  const target = `p95 <= ${p95BoundsMs[profile]} ms`
  const knee = kneeOf(ladder)
  if (knee === undefined) {
    const lowest = steps[0]
    return `${profile}, ${layout}: no rate was held at ${target}; the lowest, ${rate(lowest?.rate_offered ?? 0)}, had p95 ${lowest?.p95_ms} ms.`
  }
  const above = steps.filter(({ rate_offered }) => rate_offered > knee.rate_offered)
  const failedBelow = steps.filter((step) => step.rate_offered < knee.rate_offered && !step.held)
  const next = above[0]
    ? `the next, ${rate(above[0].rate_offered)}, was not held`
    : "none above it was tried, the knee may be higher"
  const doubt =
    failedBelow.length === 0
      ? ""
      : `; below it ${failedBelow.map((step) => rate(step.rate_offered)).join(", ")} failed in this run`
  return `${profile}, ${layout}: the highest rate held at ${target} is ${rate(knee.rate_offered)} (p95 ${knee.p95_ms} ms); ${next}${doubt}.`
}

/** Knees of two runs side by side, for people. There is no verdict, because another or a busy machine changes all rates. */
export function kneeChanges(before: PathRun, after: PathRun): string[] {
  const earlier = laddersOf(before)
  return laddersOf(after).flatMap((ladder) => {
    const known = earlier.find(({ profile, layout }) => profile === ladder.profile && layout === ladder.layout)
    return known ? [`${ladder.profile}, ${ladder.layout}: ${kneeText(known)} -> ${kneeText(ladder)}`] : []
  })
}

function kneeText(ladder: Ladder): string {
  const knee = kneeOf(ladder)
  return knee ? `${rate(knee.rate_offered)} (${knee.per_gateway_core.toLocaleString("en")} per gateway core)` : "none held"
}
