import { createServer, type Server } from "node:http"
import { json } from "node:stream/consumers"
import * as z from "zod"
import { pagedPriorities } from "../../core/contracts/pages.ts"
import type { KeptLines } from "./kept-lines.ts"
import { answerPage, type StandInAnswer } from "./pager-stand-in.ts"
import type { AlarmWatch } from "./watch.ts"

export const DrillBody = z.strictObject({ priority: z.enum(pagedPriorities) })

export interface AlarmServerParts {
  readonly watch: Pick<AlarmWatch, "list">
  /** What alarms sent. */
  readonly changes: KeptLines
  /** What reached the stand-in of the pager services. */
  readonly pages: KeptLines
  /** Sends a synthetic alarm and its end through the pager. @returns what the pager service called it */
  readonly drill: (priority: z.output<typeof DrillBody>["priority"]) => Promise<object>
}

/** What the CLI asks for, and the pager services that the pager calls, on one port of 127.0.0.1. */
export function createAlarmServer({ watch, changes, pages, drill }: AlarmServerParts): Server {
  async function answer(method: string, path: string, authorization: string, body: unknown): Promise<StandInAnswer> {
    if (method === "GET" && path === "/alarms") return { status: 200, body: { alarms: watch.list() } }
    if (method === "GET" && path === "/alarms/history") return { status: 200, body: { changes: changes.all() } }
    if (method === "GET" && path === "/pages") return { status: 200, body: { pages: pages.all() } }
    if (method === "POST" && path === "/alarms/drill") {
      return { status: 200, body: await drill(DrillBody.parse(body).priority) }
    }
    const paged = method === "POST" ? answerPage(pages, path, authorization, body) : undefined
    return paged ?? { status: 404, body: { message: "There is nothing here" } }
  }
  return createServer(async (request, response) => {
    const { method = "GET", url = "/", headers } = request
    const respond = ({ status, body }: StandInAnswer) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    try {
      const body = method === "POST" ? await json(request) : undefined
      const [path = "/"] = url.split("?")
      respond(await answer(method, path, headers.authorization ?? "", body))
    } catch (error) {
      respond({ status: 500, body: { message: error instanceof Error ? error.message : String(error) } })
    }
  })
}
