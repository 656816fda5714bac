import { doesNotApply, type Finding, isNotOk, isOk, judged } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"

/** The alarms of a system, as far as the checklist needs them. */
export interface PreflightAlarms {
  list(): Promise<readonly { readonly alarm: string; readonly state: "ok" | "alarm" | "cannot tell" }[]>
  /** Sends a synthetic alarm the whole way. Absent where no pager is. @returns who took it; undefined if nobody did in time */
  readonly test?: (withinMs: number) => Promise<string | undefined>
}

/** A page takes some seconds to be accepted; its acknowledgement is looked for as long. */
const deliveryWithinMs = 20_000
const shownNames = 5

/** Every alarm that this version defines exists, none of them is in alarm, and one reaches a person. */
export const alarmChecks = (
  open: () => Promise<PreflightAlarms>,
  expected: readonly string[],
  mendPresence: string,
): PreflightCheck[] => [
  {
    part: "alarms",
    items: ["all exist", "none in alarm"],
    lookWith: "ops alarms",
    async run() {
      const alarms = await (await open()).list()
      const known = new Set(alarms.map(({ alarm }) => alarm))
      const missing = expected.filter((name) => !known.has(name))
      const firing = alarms.filter(({ state }) => state === "alarm").map(({ alarm }) => alarm)
      return [
        judged(missing.length === 0 ? [] : [`missing: ${named(missing)}`], `${expected.length} alarms`, mendPresence),
        judged(firing.length === 0 ? [] : [`in alarm: ${named(firing)}`], "none", "ops alarms --firing"),
      ]
    },
  },
  {
    part: "alarms",
    items: ["a synthetic one is delivered"],
    lookWith: "ops alarms test",
    withinMs: deliveryWithinMs + 1_000,
    run: async () => [await judgeDelivery(await open())],
  },
]

async function judgeDelivery({ test }: PreflightAlarms): Promise<Finding> {
  if (test === undefined) return doesNotApply("this system has no pager")
  const acceptedBy = await test(deliveryWithinMs)
  return acceptedBy === undefined
    ? isNotOk(`nobody accepted it within ${deliveryWithinMs / 1_000} s`, "ops alarms test")
    : isOk(`accepted: ${acceptedBy}`)
}

const named = (names: readonly string[]): string =>
  names.length <= shownNames ? names.join(", ") : `${names.slice(0, shownNames).join(", ")} and ${names.length - shownNames} more`
