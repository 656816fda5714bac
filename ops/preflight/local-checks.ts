import { statfs } from "node:fs/promises"
import { decodeJwt } from "jose"
import { doesNotApply, type Finding, judged } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import { alarmName } from "../../lib/alarms/definition.ts"
import { localAlarms } from "../../local/alarms/definitions.ts"
import { tiersByName } from "../../local/identity/tier.ts"
import { alarmsHere } from "../alarms-here.ts"
import { alarmChecks } from "./alarm-checks.ts"
import { edgeChecks } from "./edge-checks.ts"

/** A rehearsal writes some hundred megabytes of ledger, log and measurements. */
const bytesPerGb = 1_000_000_000
const leastFreeBytes = bytesPerGb

export interface LocalSystem {
  /** The address of the gateway. */
  readonly url: string
  readonly stateDir: string
  /** The address of the part that evaluates the alarms. */
  readonly alarmsUrl: string
}

/** What AWS alone has: here it cannot be wrong. */
const onlyOnAws: readonly (readonly [PreflightCheck["part"], string, string])[] = [
  ["PostgreSQL", "replica lag", "PostgreSQL has no replica here"],
  ["consumers", "event source mappings", "the consumers are processes here"],
  ["functions", "warm environments", "each process warms up before it is ready"],
  ["functions", "age of secrets", "the secrets of the state folder are made with it"],
  ["alarms", "actions and subscriptions", "no topic of SNS is here"],
  ["quotas", "quotas of the account", "no account is here"],
]

/** The checks of the local system that its servers cannot answer. */
export const localChecks = (
  { url, stateDir, alarmsUrl }: LocalSystem,
  skuIds: readonly string[],
  pages: boolean,
): PreflightCheck[] => [
  ...edgeChecks({ siteUrl: url, apiUrl: url, skuIds, isCached: false, lookWith: "npm start" }),
  {
    part: "PostgreSQL",
    items: ["free storage"],
    lookWith: "npm run clean",
    async run() {
      const { bavail, bsize } = await statfs(stateDir)
      const free = `${((bavail * bsize) / bytesPerGb).toFixed(1)} GB free`
      return [judged(bavail * bsize < leastFreeBytes ? [free] : [], free, "npm run clean")]
    },
  },
  {
    part: "identity",
    items: ["tiers"],
    lookWith: "npm start",
    run: async () => [await judgeTiers(url)],
  },
  ...alarmChecks({ source: alarmsHere(alarmsUrl), expected: localAlarms.map(alarmName), mendPresence: "npm start", pages }),
  ...onlyOnAws.map(
    ([part, item, why]): PreflightCheck => ({
      part,
      items: [item],
      lookWith: "ops preflight",
      run: async () => [doesNotApply(why)],
    }),
  ),
]

/** The issuer puts each tier into the tokens that ask for it. */
async function judgeTiers(url: string): Promise<Finding> {
  const wrong = await Promise.all(
    [...tiersByName].map(async ([name, tier]) => {
      const response = await fetch(new URL("/local/token", url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sub: "preflight", tier }),
      })
      if (!response.ok) return [`${name}: the issuer answered ${response.status}`]
      const { access_token: token } = (await response.json()) as { access_token: string }
      const { tier: found } = decodeJwt(token)
      return found === tier ? [] : [`${name}: the token has tier ${found}, not ${tier}`]
    }),
  )
  return judged(wrong.flat(), [...tiersByName.keys()].join(", "), "npm start")
}
