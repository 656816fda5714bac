import { afterAll, beforeAll, expect, test } from "vitest"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { verifySale } from "../../core/workflows/administration/verify-sale.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let skuNo: number
beforeAll(async () => {
  given = await givenDatabase()
  const sku = await given.sku({ total_stock: 3, waitlist_limit: 2 })
  skuNo = sku.skuNo
  const records = Array.from({ length: 8 }, () => requestRecord(sku, { joinWaitlist: true }))
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  const [first] = records
  if (first) await given.parts().applyCommand(skuNo, { kind: "cancel", reservationId: first.id, userId: first.userId })
})
afterAll(() => given.close())

test("an unchanged sale verifies, by the tables and by the ledger alone", async () => {
  await given.expectInvariants()
  const verification = await verifySale(given.reader)
  expect(verification).toMatchObject({ ok: true, violations: [], decisions: 8 })
  expect(verification.fullestBySku[skuNo]).toBe(1)
})

/** Direct changes by a superuser, each in a transaction that is rolled back after the check. */
const tamperings: [string, string][] = [
  [
    "a winner's user",
    "UPDATE reservations SET user_id = 'aaaaaaaa-0000-4000-8000-000000000000', owner = -1431655766 WHERE ctid = (SELECT ctid FROM reservations WHERE outcome = 1 LIMIT 1)",
  ],
  [
    "a refusal turned into a win",
    "UPDATE reservations SET outcome = 1, state = 1 WHERE ctid = (SELECT ctid FROM reservations WHERE outcome = 11 LIMIT 1)",
  ],
  [
    "a hold turned into a sale",
    "UPDATE reservations SET state = 3 WHERE ctid = (SELECT ctid FROM reservations WHERE state = 1 LIMIT 1)",
  ],
  ["a decision removed", "DELETE FROM reservations WHERE ctid = (SELECT ctid FROM reservations WHERE outcome = 11 LIMIT 1)"],
  [
    "a decision added",
    "INSERT INTO reservations SELECT expires_at, sku_no, seq, 99, outcome, state, quantity, gen_random_uuid(), user_id, owner, body_hash FROM reservations WHERE outcome = 11 LIMIT 1",
  ],
  ["a quantity", "UPDATE reservations SET quantity = 2 WHERE ctid = (SELECT ctid FROM reservations WHERE outcome = 1 LIMIT 1)"],
  [
    "two positions of the log swapped",
    "UPDATE reservations SET ord = 8 - ord WHERE ord IN (1, 7) AND seq = (SELECT max(seq) FROM reservations)",
  ],
  ["a unit slipped into the stock", "UPDATE inventory SET total_stock = total_stock + 1"],
  ["a balance", "UPDATE inventory SET reserved_count = reserved_count - 1"],
  ["a counter", "UPDATE inventory SET refused_sold_out = 0"],
  ["a ledger amount", "UPDATE ledger SET amount = amount + 1 WHERE seq = 1"],
  ["a ledger time", "UPDATE ledger SET at = at + interval '1 microsecond' WHERE seq = 2"],
  ["a ledger entry removed", "DELETE FROM ledger WHERE seq = 2"],
  ["an accepted reservation left out of its ledger entry", "UPDATE ledger SET accepted = accepted[2:] WHERE accepted <> '{}'"],
  ["the last ledger entry removed", "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)"],
  ["the holdings of a user", "UPDATE user_holdings SET units = 0 WHERE units > 0"],
  [
    "an entry moved to the front of the waitlist",
    "UPDATE waitlist SET ord = -1 WHERE ctid = (SELECT ctid FROM waitlist LIMIT 1)",
  ],
  ["the watermark", "UPDATE partition_progress SET next_offset = next_offset + 1"],
  ["the limit of a user", "UPDATE inventory SET per_user_limit = 5"],
  ["the unpaid holds of a user", "UPDATE user_holdings SET unpaid_holds = 0 WHERE unpaid_holds > 0"],
  ["the limit of holds", "UPDATE inventory SET max_unpaid_holds = 5"],
  ["the limit of holds of one user", "UPDATE user_holdings SET unpaid_cap = 5"],
  ["the counter of refusals for the limit of holds", "UPDATE inventory SET refused_hold_limit = 1"],
]

test.each(tamperings)("a direct change is found: %s", async (_, statement) => {
  const client = await given.superuser.connect()
  try {
    await client.query("BEGIN")
    const { rowCount } = await client.query(statement)
    expect(rowCount).toBeGreaterThan(0)
    // The checks run inside the tampering transaction, on a pool of one that only hands out this connection.
    const inside = {
      connect: async () => ({
        query: (text: string) => (/^(BEGIN|COMMIT)/.test(text) ? undefined : client.query(text)),
        release: () => {},
      }),
    }
    const { ok } = await checkInvariants(inside as unknown as typeof given.reader)
    expect(ok).toBe(false)
  } finally {
    await client.query("ROLLBACK")
    client.release()
  }
})
