import { doesNotApply, type Finding, isNotOk, isOk, judged } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import type { AlarmSource, DrillOutcome } from "../alarm-source.ts"

/** A page takes some seconds to be accepted; its acknowledgement is looked for as long. */
const deliveryWithinMs = 20_000
const shownNames = 5

export interface AlarmCheckOptions {
  readonly source: Pick<AlarmSource, "list" | "test">
  /** The names of the alarms that this version defines. */
  readonly expected: readonly string[]
  readonly mendPresence: string
  /** False: no synthetic alarm is sent. */
  readonly pages: boolean
}

/** Every alarm that this version defines exists, none of them is in alarm, and one reaches a person. */
export const alarmChecks = ({ source, expected, mendPresence, pages }: AlarmCheckOptions): PreflightCheck[] => [
  {
    part: "alarms",
    items: ["all exist", "none in alarm"],
    lookWith: "ops alarms",
    async run() {
      const alarms = await source.list()
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
    run: async () => [pages ? judgeDelivery(await source.test("P0", deliveryWithinMs)) : doesNotApply("left out with --no-page")],
  },
]

/** A stage without a pager has mail only, and a mail cannot be acknowledged: its addresses are confirmed. */
function judgeDelivery({ accepted, hasPager, mails }: DrillOutcome): Finding {
  if (accepted !== undefined) return isOk(`a page of P0 was accepted (${accepted})`)
  if (hasPager) return isNotOk(`the pager accepted no page within ${deliveryWithinMs / 1_000} s`, "ops alarms test")
  const confirmed = mails.filter(({ isConfirmed }) => isConfirmed).length
  return confirmed > 0
    ? isOk(`sent to ${confirmed} mail addresses; no pager is configured`)
    : isNotOk("no pager is configured, and no mail address is confirmed", "ops alarms test")
}

const named = (names: readonly string[]): string =>
  names.length <= shownNames ? names.join(", ") : `${names.slice(0, shownNames).join(", ")} and ${names.length - shownNames} more`
