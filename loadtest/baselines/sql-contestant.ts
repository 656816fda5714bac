import { Pool } from "pg"
import { sessionSettings } from "../../core/adapters/postgres/pool.ts"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import type { BenchDatabase } from "../measure/cluster.ts"
import type { Contestant } from "../measure/contestant.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { ContestantName, ProfileName } from "../measure/result.ts"
import { countRoundTrips } from "../measure/round-trips.ts"
import { type Counted, closedLoop } from "./closed-loop.ts"
import type { Method } from "./method.ts"
import schema from "./schema.sql"
import { measuredSku, stockOf, warmUpSeconds, warmUpSku, warmUpStock } from "./stocks.ts"

/** A method on a number of connections. Each connection decides one request after the other. */
export const sqlContestant = (name: ContestantName, method: Method, profile: ProfileName, connections: number): Contestant => ({
  name,
  profile,
  connections,
  async play({ cluster }, meter, seconds) {
    const database = await cluster.database(schema)
    await openSkus(database, stockOf[profile] ?? 0)
    const roundTrips = countRoundTrips()
    const pool = baselinePool(database.url, connections)
    roundTrips.watch(pool)
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
    const deciders = clients.map((client) => (request: Parameters<Method>[1]) => method(client, request))
    const counted = { [warmUpSku]: nothing(), [measuredSku]: nothing() }
    try {
      await closedLoop(deciders, warmUpSku, warmUpSeconds, counted[warmUpSku])
      const gauges = { serverPids: database.serverPids, walBytes: database.walBytes, roundTrips }
      await meter.timed(gauges, () => closedLoop(deciders, measuredSku, seconds, counted[measuredSku], meter))
      await verify(database, counted)
    } finally {
      for (const client of clients) client.release(true)
      await pool.end()
      await database.drop()
    }
  },
})

const nothing = (): Counted => ({ reserved: 0, refused: 0 })

/** The session of a baseline is the writer's: pipelining, and plans that do not depend on statistics. */
export function baselinePool(url: string, connections: number): Pool {
  const settings = sessionSettings("transition").filter((setting) => !setting.startsWith("role="))
  const pool = new Pool({
    connectionString: url,
    max: connections,
    pipeline: true,
    options: settings.map((setting) => `-c ${setting}`).join(" "),
  })
  pool.on("error", () => {})
  return pool
}

async function openSkus({ superuser }: BenchDatabase, stock: number): Promise<void> {
  await superuser.query("INSERT INTO inventory (sku_no, total_stock) VALUES ($1, $2), ($3, $4)", [
    ...[warmUpSku, warmUpStock],
    ...[measuredSku, stock],
  ])
}

/** Decisions, stock and the answers to the clients agree, and no request was refused while units were available. */
async function verify({ superuser }: BenchDatabase, answered: Readonly<Record<number, Counted>>): Promise<void> {
  const { rows } = await superuser.query<{ sku_no: number; total: number; count: number; reserved: number; refused: number }>(
    `SELECT i.sku_no, i.total_stock AS total, i.reserved_count AS count, count(*) FILTER (WHERE r.outcome = $1)::int AS reserved,
            count(*) FILTER (WHERE r.outcome <> $1)::int AS refused
       FROM inventory i LEFT JOIN reservations r USING (sku_no) GROUP BY i.sku_no`,
    [outcomeCodes.reserved],
  )
  for (const { sku_no, total, count, reserved, refused } of rows) {
    const expected = answered[sku_no]
    const isRight = count === reserved && reserved === expected?.reserved && refused === expected.refused
    if (!isRight || reserved > total || (refused > 0 && reserved < total)) {
      const found = JSON.stringify({ sku_no, total, count, reserved, refused })
      throw new BenchFailed(`The table and the answers to the clients differ: ${found}, answered ${JSON.stringify(expected)}`)
    }
  }
}
