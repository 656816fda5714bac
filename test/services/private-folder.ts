import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { inject } from "vitest"
import { StateFolder } from "../../local/services/state-folder.ts"

/** A state folder inside that of the run: processes that are started in it end with the run, if not before. */
export const privateFolder = (): StateFolder =>
  new StateFolder(join(inject("services").stateDir, `private-${randomUUID().slice(0, 8)}`))
