import { join } from "node:path"
import { z } from "zod"
import { functionConfig } from "../../core/runtime/environment.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { openMailFolder } from "./mail-folder.ts"
import { createMailServer } from "./server.ts"

const config = functionConfig({
  MAIL_SERVER_PORT: z.coerce.number().int().min(0).max(65_535),
  LOCAL_STATE_DIR: z.string().min(1),
})

const folder = openMailFolder(join(config.LOCAL_STATE_DIR, "mails"))
const server = createMailServer((message) => folder.keep(message))
announceReady({ port: await server.listen(config.MAIL_SERVER_PORT) })

await stopRequested()
await server.close()
process.exit(0)
