import { randomUUID } from "node:crypto"
import type { ReceivedHeaders } from "./event.ts"

/** The id that the client sent, if it is plain text, so that both sides log the same id. Otherwise a new id. */
export function correlationIdOf({ headers }: ReceivedHeaders): string {
  const given = headers["x-correlation-id"]
  return given !== undefined && /^[!-~]{1,128}$/.test(given) ? given : randomUUID()
}
