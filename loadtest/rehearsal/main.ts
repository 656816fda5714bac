import { writeFile } from "node:fs/promises"
import { curveOf } from "./arrivals.ts"
import { type Client, createClient } from "./client.ts"
import { assertReady, SystemUnusable } from "./manager.ts"
import { parseOptions } from "./options.ts"
import { probeMachine } from "./probe.ts"
import { progressOn } from "./progress.ts"
import { nameAt, rehearse } from "./rehearsal.ts"
import { reportText } from "./report.ts"
import { longestSaleMs } from "./sale.ts"
import type { GivenOptions, RehearsalOptions } from "./settings.ts"
import { needsProbe, peakSentence, sized } from "./size.ts"
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

async function run(given: GivenOptions): Promise<number> {
  const shoppers = createClient(given.url)
  const managers = createClient(given.url, managerConnections)
  try {
    // A file that cannot be written fails here, and not after the sale.
    if (given.jsonFile) await writeFile(given.jsonFile, "")
    const logins = await loginsOf(sized(given), managers)
    await assertReady(managers.send, given.url)
    const at = new Date()
    const clients = { name: nameAt(at), logins, shoppers, managers }
    const probe = needsProbe(given) ? await probeMachine({ ...given, ...clients }) : undefined
    const options = sized(given, probe)
    console.log(peakSentence(options, probe))
    console.log(`Watch it on the shop's page: ${new URL(`/sale/${clients.name}`, given.url)}`)
    const progress = progressOn(process.stdout)
    const report = await rehearse({ ...clients, options, ...(probe && { probe }), progress, at })
    console.log(`\n${reportText(report)}`)
    if (given.jsonFile) await writeFile(given.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`)
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
