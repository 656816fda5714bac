import { differingChecks, endSession, readDatabase, restoreChecks } from "../../../core/adapters/postgres/database-views.ts"
import type { databaseCommands } from "../../../core/contracts/operations/database.ts"
import { NotFound } from "../../../core/domain/errors.ts"
import type { Handlers } from "./handlers.ts"

/** PostgreSQL, for the on-call. The commands need nothing else. */
export const databaseHandlers: Handlers<keyof typeof databaseCommands> = {
  db: async (parts) => readDatabase(await parts.adminPool()),
  "db-end": async (parts, { pid, whole_session: wholeSession }) => {
    if (await endSession(await parts.adminPool(), pid, wholeSession)) {
      return { pid, ended: wholeSession ? "session" : "statement" }
    }
    throw new NotFound("session", {
      detail: `The database has no session ${pid} that may be ended: it has ended, or it is the owner's. ops db lists the sessions.`,
    })
  },
  "db-constraints": async (parts) => ({ differing: await differingChecks(await parts.readerPool()), restored: [] }),
  "db-constraints-restore": async (parts) => {
    const restored = await restoreChecks(await parts.adminPool())
    return { differing: await differingChecks(await parts.readerPool()), restored }
  },
}
