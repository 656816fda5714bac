import { withDeadline } from "../../core/concurrency/deadline.ts"
import { bestDifference, judgeClock } from "../../core/domain/preflight/clocks.ts"
import { cannotTell, type PreflightLine, preflightParts } from "../../core/domain/preflight/line.ts"
import type { ExpectedSale } from "../../core/domain/preflight/sale.ts"
import { readClockTimes } from "../../core/workflows/preflight/read-clock.ts"
import { type PreflightCheck, runChecks } from "../../core/workflows/preflight/run-checks.ts"
import type { Ask } from "../client.ts"

/** The whole checklist ends within 30 s, also when the function does not answer. */
const functionWithinMs = 25_000
const clockWithinMs = 3_000

/**
 * The checklist: what the function finds inside the network, and what this machine finds, at the same time.
 * @param progress gets the name of each step that has ended
 */
export async function runPreflight(
  ask: Ask,
  sales: readonly ExpectedSale[],
  checks: readonly PreflightCheck[],
  progress: (text: string) => void,
): Promise<PreflightLine[]> {
  const outside = runChecks(checks, ({ part, items }) => progress(`${part}: ${items.join(", ")}`))
  const inside = linesInside(ask, sales).finally(() => progress("the parts inside the network"))
  const lines = [...(await inside), ...(await outside)]
  return lines.toSorted((a, b) => preflightParts.indexOf(a.part) - preflightParts.indexOf(b.part))
}

/** A function that does not answer tells nothing of the parts inside. */
async function linesInside(ask: Ask, sales: readonly ExpectedSale[]): Promise<PreflightLine[]> {
  try {
    const asked = ask({ command: "preflight", sales: [...sales] })
    const { lines } = await withDeadline(
      performance.now() + functionWithinMs,
      asked,
      `no answer within ${functionWithinMs / 1_000} s`,
    )
    return [...lines, ...(await runChecks([clockCheck(ask)]))]
  } catch (error) {
    const found = cannotTell(`the function does not answer: ${(error as Error).message}`, "ops logs ops --errors")
    return [{ part: "functions", item: "the checks inside the network", ...found }]
  }
}

/** The clock of this machine, by which the operator opens a sale. */
const clockCheck = (ask: Ask): PreflightCheck => ({
  part: "clocks",
  items: ["this machine"],
  lookWith: "ops lag",
  withinMs: clockWithinMs,
  async run() {
    const times = await readClockTimes(async () => (await ask({ command: "clock" })).now_ms)
    return [judgeClock(bestDifference(times), "the clock of the operators' function", "timedatectl set-ntp true")]
  },
})
