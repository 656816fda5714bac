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

const defaultFile = fileURLToPath(new URL("../../.local/tools.json", import.meta.url))

/** The variable with the file in which the bootstrap noted the servers of the chosen versions. */
export const toolsVariable = "FLASH_SALE_TOOLS"

/**
 * The servers that the bootstrap (local/bootstrap) found or installed. `POSTGRES_BIN` names the folder of another PostgreSQL, so
 * that two versions can be compared.
 * @throws Error when the bootstrap has not run here
 */
export function serverTools(): Tools {
  try {
    const tools = Tools.parse(JSON.parse(readFileSync(process.env[toolsVariable] ?? defaultFile, "utf8")))
    return { ...tools, postgresBin: process.env.POSTGRES_BIN ?? tools.postgresBin }
  } catch (error) {
    throw new Error("Kafka, PostgreSQL and Redis are not set up yet. Run `npm run setup` once.", { cause: error })
  }
}
