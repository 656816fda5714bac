import { randomUUID } from "node:crypto"
import * as z from "zod"
import type { KeptLines } from "./kept-lines.ts"

const PagerDutyEvent = z.looseObject({
  routing_key: z.string().min(1),
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().min(1).max(255),
  payload: z
    .looseObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(["critical", "error", "warning", "info"]),
    })
    .optional(),
})
const OpsgenieAlert = z.looseObject({
  message: z.string().min(1).max(130),
  alias: z.string().max(512).optional(),
  priority: z.enum(["P1", "P2", "P3", "P4", "P5"]).optional(),
})
const closePath = /^\/v2\/alerts\/([^/]+)\/close$/

export interface StandInAnswer {
  readonly status: number
  readonly body: object
}

/**
 * Stands for the services that call people: it answers as PagerDuty's Events API v2 and Opsgenie's Alert API do, and keeps what
 * it gets. It calls nobody.
 * @returns undefined for another path
 */
export function answerPage(pages: KeptLines, path: string, authorization: string, body: unknown): StandInAnswer | undefined {
  const at = new Date().toISOString()
  if (path === "/v2/enqueue") {
    const event = PagerDutyEvent.safeParse(body)
    if (!event.success || (event.data.event_action === "trigger" && event.data.payload === undefined)) {
      return { status: 400, body: { status: "invalid event", message: "Event object is invalid" } }
    }
    const { routing_key: _key, ...kept } = event.data
    pages.keep({ at, service: "pagerduty", ...kept })
    return { status: 202, body: { status: "success", message: "Event processed", dedup_key: event.data.dedup_key } }
  }
  const [, closed] = closePath.exec(path) ?? []
  if (path !== "/v2/alerts" && closed === undefined) return undefined
  if (!authorization.startsWith("GenieKey ")) return { status: 401, body: { message: "Could not authenticate" } }
  const alert = closed === undefined ? OpsgenieAlert.safeParse(body) : undefined
  if (alert?.success === false) return { status: 422, body: { message: "Request body is not processable" } }
  pages.keep({ at, service: "opsgenie", ...(closed === undefined ? alert?.data : { close: decodeURIComponent(closed) }) })
  return { status: 202, body: { result: "Request will be processed", took: 0, requestId: randomUUID() } }
}
