import type { Command } from "commander"
import type { RedisReport } from "../core/contracts/operations/redis.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { bytesText, durationText } from "./quantities.ts"
import { textTable } from "./text-table.ts"

/** Adds `redis`, `redis reload` and `redis flush`. */
export function addRedisCommand(program: Command, { ask, asJson }: CommandContext): void {
  const redis = program
    .command("redis")
    .description("show what Redis has: memory, evicted keys, hits, and which sales it knows completely")
    .action(async () => {
      const report = await ask()({ command: "redis" })
      console.log(asJson() ? JSON.stringify(report) : reportText(report))
    })
  withExamples(redis, "redis", "redis reload sku-001")

  const reload = redis
    .command("reload <sku>")
    .description("remove what Redis says of a sale, and wait until the sweeper has loaded it again; no decision changes")
    .action(async (skuId: string) => {
      const sale = await ask()({ command: "redis-reload", sku_id: skuId })
      if (!sale.is_complete) process.exitCode = failed
      const text = sale.is_complete
        ? `Redis knows ${skuId} completely again`
        : `${skuId} is not loaded yet: does the sweeper run?`
      console.log(asJson() ? JSON.stringify(sale) : text)
    })
  withExamples(reload, "redis reload sku-001")

  const flush = redis
    .command("flush")
    .description("remove everything that Redis has; no decision changes, and the sweeper loads every sale again within seconds")
    .requiredOption("--yes", "confirm it: until then PostgreSQL answers the reads, and rate limits are per process")
    .action(async () => {
      const answered = await ask()({ command: "redis-flush", confirmed: true })
      console.log(asJson() ? JSON.stringify(answered) : `removed ${answered.removed_keys} keys`)
    })
  withExamples(flush, "redis flush --yes")
}

function reportText(report: RedisReport): string {
  const looked = report.hits + report.misses
  const rows: [string, string][] = [
    ["version, role", `${report.version}, ${report.role}`],
    ["up for", durationText(report.uptime_seconds * 1_000)],
    [
      "memory",
      `${bytesText(report.used_bytes)} of ${report.limit_bytes === 0 ? "what the machine has" : bytesText(report.limit_bytes)}`,
    ],
    ["policy", `${report.policy}, ${report.evicted_keys} keys evicted`],
    ["keys, clients", `${report.keys}, ${report.clients}`],
    ["hits", looked === 0 ? "no lookups yet" : `${((100 * report.hits) / looked).toFixed(1)} % of ${looked}`],
  ]
  const sales = report.sales.map((sale) => [
    ...[sale.sku_id, sale.is_known ? "yes" : "no", sale.is_complete ? "yes" : "no", sale.available ?? "-"],
  ])
  const table = sales.length === 0 ? "no sale is in motion" : textTable([["sku", "known", "complete", "available"], ...sales], 3)
  return `${textTable(rows, 2)}\n\n${table}`
}
