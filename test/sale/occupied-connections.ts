import { setTimeout as delay } from "node:timers/promises"
import { Client, type Pool } from "pg"

const roundMs = 50
/** SQLSTATE too_many_connections. */
const tooMany = "53300"

/**
 * Takes every connection that a server grants to users who are not superusers, those of the functions included.
 * @returns a function that gives them back
 */
export async function occupyConnections(url: string, superuser: Pool): Promise<() => Promise<void>> {
  const taken: Client[] = []
  const take = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url, application_name: "intruder" })
    client.on("error", () => {})
    try {
      await client.connect()
      taken.push(client)
      return true
    } catch (error) {
      if ((error as { code?: string }).code !== tooMany) throw error
      return false
    }
  }
  const ours = "pid <> pg_backend_pid() AND application_name LIKE 'flash-sale%'"
  for (;;) {
    while (await take());
    const { rows } = await superuser.query<{ ended: boolean }>(
      `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE ${ours}`,
    )
    if (rows.length === 0) break
    await delay(roundMs)
  }
  return async () => {
    await Promise.all(taken.map((client) => client.end()))
  }
}
