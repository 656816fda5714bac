import { writeFile } from "node:fs/promises"
import { curveOf } from "./arrivals.ts"
import { type Client, createClient } from "./client.ts"
import { SystemUnusable } from "./manager.ts"
import { parseOptions, type RehearsalOptions } from "./options.ts"
import { progressOn } from "./progress.ts"
import { rehearse } from "./rehearsal.ts"
import { reportText } from "./report.ts"
import { longestSaleMs } from "./sale.ts"
import { TokensUnusable } from "./token-file.ts"
import { type Logins, localLogins, loginsFrom } from "./tokens.ts"

const exitCodes = { well: 0, notWell: 1, unusable: 2 } as const
const managerConnections = 32
/** The time that a rehearsal needs before and after its sale: to create it, and to read back the results. */
const aroundTheSaleMs = 120_000

const parsed = parseOptions(process.argv.slice(2), process.env, Math.floor(Math.random() * 2 ** 31))
if (parsed.kind === "help") process.stdout.write(parsed.text)
else if (parsed.kind === "wrong") {
  console.error(parsed.message)
  process.exitCode = exitCodes.unusable
} else process.exitCode = await run(parsed.options)

async function run(options: RehearsalOptions): Promise<number> {
  const shoppers = createClient(options.url)
  const managers = createClient(options.url, managerConnections)
  try {
    // A file that cannot be written fails here, and not after the sale.
    if (options.jsonFile) await writeFile(options.jsonFile, "")
    const logins = await loginsOf(options, managers)
    const report = await rehearse({ options, logins, shoppers, managers, progress: progressOn(process.stdout), at: new Date() })
    console.log(`\n${reportText(report)}`)
    if (options.jsonFile) await writeFile(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`)
    return report.ok ? exitCodes.well : exitCodes.notWell
  } catch (error) {
    const isExpected =
      error instanceof SystemUnusable || error instanceof TokensUnusable || (error instanceof Error && "path" in error)
    if (!isExpected) throw error
    console.error(`rehearse: ${error.message}`)
    return exitCodes.unusable
  } finally {
    await Promise.all([shoppers.close(), managers.close()])
  }
}

async function loginsOf(options: RehearsalOptions, { send }: Client): Promise<Logins> {
  const { tokensFile, adminTokenFile, shoppers, holdSeconds } = options
  if (tokensFile === undefined) return localLogins(send)
  const neededMs = longestSaleMs(curveOf(options).endMs, holdSeconds) + aroundTheSaleMs
  return loginsFrom({
    tokensFile,
    shoppers,
    neededUntil: new Date(Date.now() + neededMs),
    ...(adminTokenFile !== undefined && { adminTokenFile }),
    ...(process.env.FLASH_SALE_TOKEN && { adminToken: process.env.FLASH_SALE_TOKEN }),
  })
}
