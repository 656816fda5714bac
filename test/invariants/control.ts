import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import type { TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import { decide } from "../../core/domain/decide.ts"
import type { SaleState } from "../../core/domain/sale.ts"
import { type GivenDatabase, givenDatabase, requestsTopic } from "../sale/given-sale.ts"

/**
 * Each control is a promise of the sale. The real code keeps it, and a variant with one mistake breaks it: this proves that the
 * check finds the mistake. Every control has a database of its own, because the mistakes leave damage behind.
 */
export interface Control {
  readonly mistake: string
  readonly planted: Omit<TransactorOptions, "pool">
  /** The failure of the broken promise: the check must find the mistake for the right reason. */
  readonly caughtBy: RegExp
  /** Throws when the promise is broken. */
  readonly promise: (given: GivenDatabase, planted: Omit<TransactorOptions, "pool">) => Promise<void>
}

/** The real `decide` on a wrong state. */
export const withState =
  (change: (state: SaleState) => SaleState): typeof decide =>
  (command, state, now) =>
    decide(command, change(state), now)

export async function expectInvariants(given: GivenDatabase): Promise<void> {
  const { checks } = await checkInvariants(given.reader)
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
}

/** A batch that PostgreSQL refuses waits for a repair. Here it does not wait for long. */
const shortTimeLeftMs = () => 1_000

export async function expectWritten(
  given: GivenDatabase,
  planted: Omit<TransactorOptions, "pool">,
  partition: number,
  delivered: ReturnType<GivenDatabase["append"]>,
) {
  expect(await given.parts(planted).writer.write(requestsTopic, partition, delivered, shortTimeLeftMs)).toEqual({
    kind: "written",
  })
  const { rows } = await given.superuser.query("SELECT reason FROM quarantine")
  expect(rows).toEqual([])
}

/** A failed expectation with what it found, or the database's error. */
function describeFailure(failure: unknown): string {
  const { message, actual } = failure as { message?: string; actual?: unknown }
  return `${message ?? failure} ${JSON.stringify(actual ?? null)} ${typeof actual === "string" ? actual : ""}`.replaceAll(
    '":',
    '": ',
  )
}

/** Runs each control on a database of its own: the code keeps the promise, the mistake breaks it. */
export function describeControls(controls: readonly Control[]): void {
  describe.each(controls)("$mistake", ({ planted, promise, caughtBy }) => {
    let given: GivenDatabase
    beforeAll(async () => {
      given = await givenDatabase()
    })
    afterAll(() => given.close())

    test("the code keeps the promise", async () => {
      await promise(given, {})
    })

    test("the mistake breaks it", async () => {
      const broken: unknown = await promise(given, planted).then(
        () => "nothing",
        (error: unknown) => error,
      )
      expect(describeFailure(broken)).toMatch(caughtBy)
    })
  })
}
