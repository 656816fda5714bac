import type { Pool } from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { EventBatch } from "../../core/adapters/postgres/outbox.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { keepAlive, sweep } from "../../lambdas/expiry-sweeper/workflow.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { requestRecord } from "../sale/records.ts"

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>

let given: GivenDatabase
let relayPool: Pool
/** In the order of their numbers: the failing one comes first. */
let skus: { readonly failing: Sku; readonly others: readonly Sku[] }

beforeAll(async () => {
  given = await givenDatabase()
  relayPool = await postgresPool({ role: "relay", size: 1 })
  await given.superuser.query(`
    CREATE TABLE failing (sku_no integer PRIMARY KEY);
    CREATE FUNCTION refuse_failing() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM failing WHERE failing.sku_no = NEW.sku_no) THEN
        RAISE EXCEPTION 'SKU % fails', NEW.sku_no;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_failing BEFORE UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION refuse_failing();
    CREATE TRIGGER refuse_failing BEFORE UPDATE ON event_progress FOR EACH ROW EXECUTE FUNCTION refuse_failing()`)
})
afterAll(async () => {
  await relayPool.end()
  await given.close()
})

const units = 2

beforeEach(async () => {
  const [failing, ...others] = [await soldOutSku(), await soldOutSku(), await soldOutSku()]
  skus = { failing, others }
})
afterEach(async () => {
  await given.superuser.query("TRUNCATE failing")
  // The failing SKU is repaired: now it catches up.
  await keepAlive(given.transition, given.parts().applyCommand)
  await sweep(given.reader, given.parts().applyCommand)
  await given.expectInvariants()
})

async function soldOutSku(): Promise<Sku> {
  const sku = await given.sku({ total_stock: units })
  const records = Array.from({ length: units }, () => requestRecord(sku))
  const result = await given
    .parts()
    .writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  expect(result).toEqual({ kind: "written" })
  return sku
}

const makeFailing = () => given.superuser.query("INSERT INTO failing VALUES ($1)", [skus.failing.skuNo])
const all = () => [skus.failing, ...skus.others]
const publishedSeq = async ({ skuNo }: Sku) =>
  (await given.superuser.query("SELECT published_seq FROM event_progress WHERE sku_no = $1", [skuNo])).rows[0].published_seq
const extensionsOf = async ({ skuNo }: Sku) =>
  (await given.superuser.query("SELECT FROM ledger WHERE sku_no = $1 AND kind = 'extended'", [skuNo])).rowCount

/** The database after a restart: its start is not the recorded one. */
const restart = () =>
  given.superuser.query(
    "UPDATE server_life SET started_at = started_at - interval '1 hour', alive_at = clock_timestamp() - interval '5 seconds'",
  )

const published: string[] = []
const events = {
  publish: async ({ skuId }: EventBatch) => void published.push(skuId),
  close: async () => {},
}

const warmer = () => givenWarmer(given, given.reader)

interface Task {
  readonly name: string
  /** Makes the task due for all SKUs, and the first SKU fail. */
  readonly arrange: () => Promise<unknown>
  readonly run: () => Promise<unknown>
  readonly isDone: (sku: Sku) => Promise<boolean>
  /** Repairs the failing SKU, where the cause is not its row. */
  readonly repair?: () => Promise<unknown>
}

const tasks: readonly Task[] = [
  {
    name: "ending holds",
    arrange: async () => {
      for (const { skuNo } of all()) await given.endHolds(skuNo)
      await makeFailing()
    },
    run: () => sweep(given.reader, given.parts().applyCommand),
    isDone: async ({ skuNo }) => (await given.inventory(skuNo)).reserved_count === 0,
  },
  {
    name: "closing",
    arrange: async () => {
      await given.superuser.query("UPDATE inventory SET closes_at = now() WHERE sku_no = ANY($1)", [
        all().map(({ skuNo }) => skuNo),
      ])
      await makeFailing()
    },
    run: () => sweep(given.reader, given.parts().applyCommand),
    isDone: async ({ skuNo }) => (await given.inventory(skuNo)).status === "closed",
  },
  {
    name: "extending holds",
    arrange: async () => {
      await restart()
      await makeFailing()
    },
    run: () => keepAlive(given.transition, given.parts().applyCommand),
    isDone: async (sku) => (await extensionsOf(sku)) === 1,
  },
  {
    name: "publishing",
    arrange: makeFailing,
    run: () => relayLedger({ pool: relayPool, events }),
    isDone: async (sku) => (await publishedSeq(sku)) === (await given.inventory(sku.skuNo)).seq,
  },
  {
    name: "warming Redis, where a key is of another type",
    arrange: async () => {
      await given.redis.flushdb()
      await given.redis.set(redisKeys.sale(skus.failing.skuNo), "no hash")
    },
    run: () => warmer()(),
    isDone: async ({ skuNo }) => {
      const key = redisKeys.sale(skuNo)
      return (await given.redis.type(key)) === "hash" && (await given.redis.hget(key, "complete")) !== null
    },
    repair: () => given.redis.del(redisKeys.sale(skus.failing.skuNo)),
  },
]

describe("a SKU whose transition always fails, although it comes first", () => {
  test.each(tasks)(
    "$name succeeds for the other SKUs, and for the failing one once it is repaired",
    async ({ arrange, run, isDone, repair }) => {
      await arrange()
      await run()
      expect(await Promise.all(skus.others.map(isDone))).toEqual([true, true])
      expect(await isDone(skus.failing)).toBe(false)

      await given.superuser.query("TRUNCATE failing")
      await repair?.()
      await run()
      expect(await isDone(skus.failing)).toBe(true)
    },
  )
})

test("a broken key of one sale in Redis removes the complete mark of no other, and every commit is still shown", async () => {
  const warm = warmer()
  await warm()
  const [other] = skus.others
  if (other === undefined) throw new Error("There is no other SKU")
  const isComplete = async () => (await given.redis.hexists(redisKeys.sale(other.skuNo), "complete")) === 1
  expect(await isComplete()).toBe(true)
  await given.redis.set(redisKeys.sale(skus.failing.skuNo), "no hash")
  await warm()
  await warm()
  expect(await isComplete()).toBe(true)
  await given.endHolds(other.skuNo)
  await given.parts().applyCommand(other.skuNo, { kind: "expire" })
  expect(await given.redis.hget(redisKeys.sale(other.skuNo), "reserved")).toBe("0")
  await given.redis.del(redisKeys.sale(skus.failing.skuNo))
})

test("a SKU whose row another session has locked does not delay the others", async () => {
  for (const { skuNo } of all()) await given.endHolds(skuNo)
  const session = await given.superuser.connect()
  await session.query("BEGIN")
  await session.query("SELECT FROM inventory WHERE sku_no = $1 FOR UPDATE", [skus.failing.skuNo])
  const sweeping = sweep(given.reader, given.parts().applyCommand)
  await vi.waitFor(
    async () => {
      for (const { skuNo } of skus.others) expect((await given.inventory(skuNo)).reserved_count).toBe(0)
    },
    { timeout: 4_000, interval: 50 },
  )
  await session.query("ROLLBACK")
  session.release()
  await sweeping
  expect((await given.inventory(skus.failing.skuNo)).reserved_count).toBe(0)
})
