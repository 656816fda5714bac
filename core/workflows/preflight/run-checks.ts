import { withDeadline } from "../../concurrency/deadline.ts"
import { cannotTell, type Finding, type PreflightLine, type PreflightPart } from "../../domain/preflight/line.ts"

/** How long one check may take. */
export const checkWithinMs = 8_000

/** One check of the checklist: it finds out how some items of a part stand. */
export interface PreflightCheck {
  readonly part: PreflightPart
  /** The items that it looks at, each of them a line. */
  readonly items: readonly string[]
  /** The command that shows more when the check itself fails. */
  readonly lookWith: string
  /** Longer than `checkWithinMs` where the work grows with the sale. */
  readonly withinMs?: number
  /** @returns a finding for each item, in their order */
  run(): Promise<readonly Finding[]>
}

/**
 * Runs all checks at the same time. A check that fails, or that does not end in its time, makes its own lines `cannot tell`, and
 * no others.
 */
export async function runChecks(
  checks: readonly PreflightCheck[],
  ended: (check: PreflightCheck) => void = () => {},
): Promise<PreflightLine[]> {
  const found = await Promise.all(
    checks.map(async (check): Promise<PreflightLine[]> => {
      const { part, items, lookWith, withinMs = checkWithinMs, run } = check
      const late = `no answer within ${withinMs / 1_000} s`
      const findings = await withDeadline(performance.now() + withinMs, begun(run), late).catch((error: unknown) =>
        items.map(() => cannotTell(reasonOf(error), lookWith)),
      )
      ended(check)
      return items.map((item, index) => ({
        part,
        item,
        ...(findings[index] ?? cannotTell("the check says nothing of it", lookWith)),
      }))
    }),
  )
  return found.flat()
}

/** A check that throws before its first wait fails like any other. */
const begun = async (run: PreflightCheck["run"]): Promise<readonly Finding[]> => run()

function reasonOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return message === "" ? name : (message.split("\n")[0] ?? name)
}
