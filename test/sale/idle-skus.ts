import type { Pool } from "pg"

/** An entry of the ledger that moves the total by `quantity`, for the SKUs whose name begins with $1. */
const entry = (kind: string, quantity: number) =>
  `SELECT count(append_ledger(sku_no, seq + 1, '${kind}', clock_timestamp(), NULL, NULL, ${quantity}, 0, 0, 0, NULL, '{}', '{}', ${quantity})) FROM inventory WHERE sku_id LIKE $1`

/** The rows that `create_sku`, an opening and, for every second SKU, a closing leave. Real calls would take ten times as long. */
const statements = [
  "INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit) SELECT sku_id, (row_number() OVER ()) % (SELECT count(*) FROM partition_progress), 1, 120, 0 FROM products WHERE sku_id LIKE $1 ORDER BY length(sku_id), sku_id",
  "INSERT INTO event_progress (sku_no) SELECT sku_no FROM inventory WHERE sku_id LIKE $1",
  entry("restocked", 5),
  entry("opened", 0),
  `${entry("closed", 0)} AND sku_no % 2 = 0`,
  "UPDATE event_progress e SET published_seq = i.seq FROM inventory i WHERE i.sku_no = e.sku_no AND i.sku_id LIKE $1",
  "UPDATE inventory SET status = CASE WHEN sku_no % 2 = 0 THEN 'closed' ELSE 'open' END, ledger_at = ledger_at - interval '1 hour' WHERE sku_id LIKE $1",
  "UPDATE inventory SET resting_since = clock_timestamp() WHERE sku_id LIKE $1",
]

/** Makes SKUs in which nothing happens: half of them open, the others closed, an hour ago, and all of them at rest. */
export async function idleSkus(superuser: Pool, count: number, prefix = "idle"): Promise<void> {
  await superuser.query(
    "INSERT INTO products (sku_id, name, price_minor, currency, definition_hash) SELECT $2 || '-' || n, 'A thing', 500, 'EUR', '\\x01' FROM generate_series(1, $1::int) n",
    [count, prefix],
  )
  for (const statement of statements) await superuser.query(statement, [`${prefix}-%`])
  await superuser.query("VACUUM ANALYZE inventory")
}
