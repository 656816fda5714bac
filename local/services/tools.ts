import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { z } from "zod"

const Tools = z.object({
  java: z.string(),
  kafkaJars: z.string(),
  /** An archive of the classes that a broker loads; Kafka starts without it as well, more slowly. */
  kafkaClasses: z.string().optional(),
  postgresBin: z.string(),
  redisServer: z.string(),
  /** For the tests of the page only. */
  chromium: z.string().optional(),
})

/** The paths of the servers on this machine. */
export type Tools = z.infer<typeof Tools>

const toolsFile = fileURLToPath(new URL("../../.local/tools.json", import.meta.url))

/**
 * The servers that the bootstrap (local/bootstrap) found or installed. `POSTGRES_BIN` names the folder of another PostgreSQL, so
 * that two versions can be compared.
 * @throws Error when the bootstrap has not run here
 */
export function serverTools(): Tools {
  try {
    const tools = Tools.parse(JSON.parse(readFileSync(toolsFile, "utf8")))
    return { ...tools, postgresBin: process.env.POSTGRES_BIN ?? tools.postgresBin }
  } catch (error) {
    throw new Error("Kafka, PostgreSQL and Redis are not set up yet. Run `npm run setup` once.", { cause: error })
  }
}
