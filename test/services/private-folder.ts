import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { inject } from "vitest"
import { StateFolder } from "../../local/services/state-folder.ts"

/** A state folder below the run's: what is started in it ends with the run, if not before. */
export const privateFolder = (): StateFolder =>
  new StateFolder(join(inject("services").stateDir, `private-${randomUUID().slice(0, 8)}`))
