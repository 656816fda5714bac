import type { Pool } from "pg"
import { checkTimeoutMs } from "../core/adapters/postgres/invariants.ts"
import { postgresPool } from "../core/adapters/postgres/pool.ts"

/** Where the CLI finds a system: `npm run ops` sets these for the running local one, an operator for a stage. */
const variables = { url: "FLASH_SALE_URL", token: "FLASH_SALE_TOKEN", database: "DATABASE_URL" } as const

/** The address of the API. @throws Error that says how to give one */
export function baseUrl(option: string | undefined): string {
  const url = option ?? process.env[variables.url]
  if (url === undefined) throw new Error(`No system is running here. Start one (npm start), or give --url or ${variables.url}.`)
  return url
}

/** A token that may steer sales: FLASH_SALE_TOKEN, or one of the local issuer. @throws Error when there is neither */
export async function adminToken(url: string): Promise<string> {
  const given = process.env[variables.token]
  if (given !== undefined) return given
  const response = await fetch(new URL("/local/token", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sub: "operator", scope: "sales:admin" }),
  })
  if (!response.ok) throw new Error(`${url} issues no tokens; set ${variables.token} to one with the scope sales:admin.`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** A connection that may read everything, and wait for it. @throws Error that says how to name the database */
export async function databaseReader(): Promise<Pool> {
  if (process.env[variables.database] === undefined) {
    throw new Error(`No system is running here. Start one (npm start), or set ${variables.database}.`)
  }
  return postgresPool({ role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs })
}
