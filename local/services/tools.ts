import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { z } from "zod"

const Tools = z.object({ java: z.string(), kafkaJars: z.string(), postgresBin: z.string(), redisServer: z.string() })

/** Where the servers of this machine are. */
export type Tools = z.infer<typeof Tools>

const toolsFile = fileURLToPath(new URL("../../.local/tools.json", import.meta.url))

/** What the bootstrap (local/bootstrap) found or installed. @throws Error when it never ran here */
export function serverTools(): Tools {
  try {
    return Tools.parse(JSON.parse(readFileSync(toolsFile, "utf8")))
  } catch (error) {
    throw new Error("Kafka, PostgreSQL and Redis are not known yet: run `npm run setup` once", { cause: error })
  }
}
