import { describe, expect, test } from "vitest"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import type { TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import projectProgress from "../../core/adapters/redis/scripts/project-progress.lua"
import projectSale from "../../core/adapters/redis/scripts/project-sale.lua"
import projectViews from "../../core/adapters/redis/scripts/project-views.lua"
import { decide } from "../../core/domain/decide.ts"
import type { Reservation } from "../../core/domain/reservation.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"
import { type Control, describeControls, expectInvariants, expectWritten, withState } from "./control.ts"

function countDecisions(inner: typeof decide = decide) {
  let made = 0
  const counting: typeof decide = (...args) => {
    made += 1
    return inner(...args)
  }
  return { decisions: () => made, counting }
}

/** Runs two transactions: the second begins and waits for the locks of the first, and then the first commits. */
async function overlapping(
  given: GivenDatabase,
  planted: Omit<TransactorOptions, "pool">,
  run: (parts: ReturnType<GivenDatabase["parts"]>) => Promise<unknown>,
) {
  let release = () => {}
  const secondMayStart = new Promise<void>((loaded) => {
    release = loaded
  })
  let proceed = () => {}
  const firstMayCommit = new Promise<void>((resolve) => {
    proceed = resolve
  })
  const first = run(
    given.parts({
      ...planted,
      reach: async (point) => {
        if (point !== "before-commit") return
        release()
        await firstMayCommit
      },
    }),
  )
  await Promise.race([secondMayStart, first])
  const second = run(given.parts(planted))
  await untilSomebodyWaitsForALock(given, second)
  proceed()
  await Promise.all([first, second])
}

async function untilSomebodyWaitsForALock(given: GivenDatabase, second: Promise<unknown>): Promise<void> {
  let over = false
  second.then(
    () => {
      over = true
    },
    () => {
      over = true
    },
  )
  while (!over) {
    const { rows } = await given.superuser.query<{ waiting: string }>(
      "SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    if (Number(rows[0]?.waiting) > 0) return
  }
}

const controls: Control[] = [
  {
    mistake: "no dedupe",
    planted: { decide: withState((state) => ({ ...state, decided: new Map() })) },
    caughtBy: /"kind": "stopped".*"code": "23505"/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      const record = requestRecord(sku)
      await expectWritten(given, planted, sku.partition, given.append(sku.partition, [record]))
      await expectWritten(given, planted, sku.partition, given.append(sku.partition, [record]))
      await expectInvariants(given)
    },
  },
  {
    mistake: "no state guard: a hold is cancelled in any state",
    planted: {
      decide: withState((state) => ({
        ...state,
        decided: new Map(
          [...state.decided].map(([id, row]): [string, Reservation] => [
            id,
            { ...row, state: "RESERVED", expiresAt: Number.MAX_SAFE_INTEGER },
          ]),
        ),
      })),
      statements: {
        ...transitionStatements,
        changeStates:
          "SELECT count(*) FROM (SELECT change_states(ARRAY[r.id], r.state, $to_state::smallint, instant($expires_at::bigint)) FROM reservations r WHERE r.id = ANY($ids::uuid[]) AND $from_state::smallint IS NOT NULL) s",
      },
    },
    caughtBy: /within_user_limit/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      const [record, other] = [requestRecord(sku), requestRecord(sku)]
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [record, other]))
      const { applyCommand } = given.parts(planted)
      await applyCommand(sku.skuNo, { kind: "cancel", reservationId: record.id, userId: record.userId })
      await applyCommand(sku.skuNo, { kind: "cancel", reservationId: record.id, userId: record.userId })
      await expectInvariants(given)
    },
  },
  {
    mistake: "double release",
    planted: {
      decide: withState((state) => ({
        ...state,
        overdue: new Map([...state.overdue].map(([skuNo, holds]) => [skuNo, [...holds, ...holds]])),
      })),
    },
    caughtBy: /reservations were in state 1/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [requestRecord(sku), requestRecord(sku)]))
      await given.endHolds(sku.skuNo)
      expect((await given.parts(planted).applyCommand(sku.skuNo, { kind: "expire" })).expired).toBe(2)
      await expectInvariants(given)
    },
  },
  {
    mistake: "item by item: every request of a batch sees the stock from before the batch",
    planted: {
      decide: (command, state, now) => {
        if (command.kind !== "allocate") return decide(command, state, now)
        const alone = command.requests.map((request) => decide({ kind: "allocate", requests: [request] }, state, now))
        const whole = decide(
          command,
          {
            ...state,
            skus: new Map(
              [...state.skus].map(([skuNo, sku]) => [skuNo, { ...sku, balances: { ...sku.balances, total: 1_000_000 } }]),
            ),
          },
          now,
        )
        return alone.every(({ answers }) => answers[0]?.reservation.outcome === "reserved") ? whole : decide(command, state, now)
      },
    },
    caughtBy: /"kind": "stopped".*never_oversold/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 1 })
      await expectWritten(given, planted, sku.partition, given.append(sku.partition, [requestRecord(sku), requestRecord(sku)]))
      const { rows } = await given.superuser.query(
        "SELECT count(*)::int AS transactions FROM ledger WHERE sku_no = $1 AND kind = 'decided'",
        [sku.skuNo],
      )
      // The database refuses the oversold batch at every try: the partition waits, and no part of the batch commits.
      expect(rows).toEqual([{ transactions: 1 }])
      await expectInvariants(given)
    },
  },
  {
    mistake: "lock and load in one statement: the load sees the state before the wait",
    planted: {
      statements: {
        ...transitionStatements,
        // The same mistake in two statements of one flush: the first reads the overdue holds, the second waits for the lock.
        lockInventory: transitionStatements.lockInventory
          .replace(
            "SELECT",
            "WITH stale AS MATERIALIZED (SELECT count(*) FROM (SELECT set_config('test.stale', coalesce((SELECT string_agg(r.id::text, ',') FROM reservations r WHERE r.state = 1 AND r.expires_at <= clock_timestamp()), ''), true)) s) SELECT",
          )
          .replace("FROM inventory i", "FROM inventory i CROSS JOIN stale")
          .replace("FOR UPDATE", "FOR UPDATE OF i"),
        loadOverdue:
          "SELECT r.sku_no, r.id, r.user_id, r.quantity FROM reservations r WHERE r.id = ANY(string_to_array(current_setting('test.stale'), ',')::uuid[]) AND r.sku_no = ANY($sku_nos::int[]) LIMIT $limit",
      },
    },
    caughtBy: /expected 3 to be 2/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [requestRecord(sku), requestRecord(sku)]))
      await given.endHolds(sku.skuNo)
      const { decisions, counting } = countDecisions(planted.decide)
      await overlapping(given, { ...planted, decide: counting }, ({ applyCommand }) =>
        applyCommand(sku.skuNo, { kind: "expire" }),
      )
      // The state guard refuses to end a hold twice. The refusal shows as a third decision for two commands.
      expect(decisions()).toBe(2)
      await expectInvariants(given)
    },
  },
  {
    mistake: "no row lock",
    planted: {
      statements: { ...transitionStatements, lockInventory: transitionStatements.lockInventory.replace("FOR UPDATE", "") },
    },
    caughtBy: /expected 3 to be 2/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      const { decisions, counting } = countDecisions(planted.decide)
      await overlapping(given, { ...planted, decide: counting }, ({ applyCommand }) =>
        applyCommand(sku.skuNo, { kind: "restock", quantity: 1, skuNo: sku.skuNo }),
      )
      // The ledger's sequence refuses a decision from an older state. The refusal shows as a third decision for two commands.
      expect(decisions()).toBe(2)
      await expectInvariants(given)
    },
  },
  {
    mistake: "two writers without the watermark",
    planted: {
      statements: { ...transitionStatements, lockPartition: "SELECT $topic::text, $partition::int, $expected::bigint" },
    },
    caughtBy: /records-are-accounted-for/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 5 })
      const delivered = given.append(sku.partition, [requestRecord(sku), requestRecord(sku)])
      await expectWritten(given, planted, sku.partition, delivered)
      await expectWritten(given, planted, sku.partition, delivered)
      await expectInvariants(given)
    },
  },
  {
    mistake: "waitlister promoted twice",
    planted: {
      decide: withState((state) => ({
        ...state,
        waiting: new Map([...state.waiting].map(([skuNo, waiting]) => [skuNo, [...waiting, ...waiting]])),
      })),
    },
    caughtBy: /were on the waitlist|were in state 2/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 0, waitlist_limit: 5 })
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [requestRecord(sku, { joinWaitlist: true })]))
      await given.parts(planted).applyCommand(sku.skuNo, { kind: "restock", quantity: 2, skuNo: sku.skuNo })
      await expectInvariants(given)
    },
  },
]

describeControls(controls)

describe("acknowledge before commit", () => {
  test("a record that was acknowledged and not committed stops the partition instead of being lost", async () => {
    const given = await givenDatabase()
    const sku = await given.sku({ total_stock: 5 })
    const delivered = given.append(sku.partition, [requestRecord(sku), requestRecord(sku)])
    // The process died after it acknowledged the first record and before the commit: the next delivery starts after this record.
    const result = await given.parts().writer.write(requestsTopic, sku.partition, delivered.slice(1), longTimeLeftMs)
    expect(result).toMatchObject({ kind: "stopped", firstUnprocessed: delivered[1]?.offset })
    await given.close()
  })
})

describe("cache write without seq", () => {
  const expectNewestShown = async (given: GivenDatabase, views: string) => {
    const projection = createProjection(given.redis, { views, sale: projectSale, progress: projectProgress })
    const sku = await given.sku({ total_stock: 5 })
    const record = requestRecord(sku)
    await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, [record]), longTimeLeftMs)
    const now = Date.now() * 1_000
    const reservation: Reservation = {
      id: record.id,
      skuNo: sku.skuNo,
      seq: 3,
      ord: 0,
      outcome: "reserved",
      state: "EXPIRED",
      quantity: 1,
      userId: record.userId,
      owner: 1,
      bodyHash: 1,
    }
    await projection.project({ now, reservations: [{ reservation, asOfSeq: 9 }] })
    await projection.project({
      now,
      reservations: [{ reservation: { ...reservation, state: "RESERVED", expiresAt: now + 60_000_000 }, asOfSeq: 8 }],
    })
    expect(await given.redis.get(`r:${record.id}`)).toMatch(/^EXPIRED/)
  }

  test("an older view never replaces a newer one; without the comparison it does", async () => {
    const given = await givenDatabase()
    await expectNewestShown(given, projectViews)
    const faulty = projectViews.replace("if not current or seq(current) <= seq(view) then", "if true then")
    expect(faulty).not.toBe(projectViews)
    await expect(expectNewestShown(given, faulty)).rejects.toThrow()
    await given.close()
  })
})
