import { aptInstall } from "./apt.mjs"
import { onPath } from "./paths.mjs"
import { Missing } from "./say.mjs"
import { ensureValkey } from "./valkey.mjs"

/**
 * The Redis (or Valkey) server.
 *
 * @param {"installed" | "valkey"} choice
 * @throws Missing
 */
export async function ensureRedis(choice) {
  if (choice === "valkey") return await ensureValkey()
  const find = () => [...onPath("redis-server"), ...onPath("valkey-server")][0]
  const found = find()
  if (found) return found
  const tried = await aptInstall("redis-server")
  const installed = find()
  if (installed) return installed
  throw new Missing({
    tool: "redis-server",
    why: "it answers reads, and with it the API refuses requests that cannot win before they reach the queue",
    tried: tried ?? "apt-get install redis-server, but it is still not on PATH",
    byHand: "apt-get install redis-server, or https://redis.io/docs/latest/operate/oss_and_stack/install",
  })
}
