import { randomUUID } from "node:crypto"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as z from "zod"
import { logger } from "../../core/adapters/telemetry.ts"
import { drillHeading, drillReason } from "../../core/contracts/pages.ts"
import { functionConfig } from "../../core/runtime/environment.ts"
import { alarmName } from "../../lib/alarms/definition.ts"
import { asFunction } from "../host/function-in-work.ts"
import { lambdaContext } from "../host/lambda-context.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { historyFolder } from "../metrics/history.ts"
import { openKeptLines } from "./kept-lines.ts"
import { createAlarmServer } from "./server.ts"
import { type AlarmChange, topicEvent } from "./topic-message.ts"
import { createAlarmWatch } from "./watch.ts"

/** CloudWatch evaluates alarms of ten seconds every ten seconds. */
const evaluatedEveryMs = 10_000
/** The time of the pager's function. */
const pagerTimeoutMs = 60_000

const config = functionConfig({
  ALARMS_PORT: z.coerce.number().int().min(0).max(65_535),
  LOCAL_STATE_DIR: z.string().min(1),
})
const { handler } = await import("../../lambdas/pager/handler.ts")

const watch = createAlarmWatch(historyFolder(config.LOCAL_STATE_DIR))
const changes = openKeptLines(join(config.LOCAL_STATE_DIR, "alarms.jsonl"))
const pages = openKeptLines(join(config.LOCAL_STATE_DIR, "pages.jsonl"))

/** As CloudWatch and SNS do: the change is recorded, and the pager's function is called with it. */
async function send(change: AlarmChange): Promise<void> {
  const { alarm, state, reason, atMs } = change
  changes.keep({ at: new Date(atMs).toISOString(), alarm: alarmName(alarm), priority: alarm.priority, state, reason })
  const endsAtMs = performance.now() + pagerTimeoutMs
  const context = lambdaContext("pager", () => endsAtMs - performance.now())
  await asFunction("pager", () => handler(topicEvent(change), context))
}

function look(): void {
  for (const { alarm, state, value, atMs } of watch.look(Date.now())) {
    const reason = value === undefined ? "no value was measured" : `the newest value is ${value}`
    send({ alarm, state, reason, atMs }).catch((error: Error) =>
      logger.error("A page was not delivered; the list of alarms shows the alarm all the same", {
        ...{ alarm: alarmName(alarm), error },
      }),
    )
  }
}

async function drill(priority: "P0" | "P1" | "P2"): Promise<object> {
  const id = randomUUID()
  const alarm = { heading: drillHeading, variant: priority, priority, condition: "a test of the way of a page" }
  await send({ alarm, state: "alarm", reason: drillReason(id), atMs: Date.now() })
  await send({ alarm, state: "ok", reason: drillReason(id), atMs: Date.now() })
  return { drill: id, priority, pages: pages.all().slice(-2) }
}

const server = createAlarmServer({ watch, changes, pages, drill })
server.listen(config.ALARMS_PORT, "127.0.0.1")
await once(server, "listening")
const timer = setInterval(look, evaluatedEveryMs)
announceReady({ port: (server.address() as AddressInfo).port })

await stopRequested()
clearInterval(timer)
server.close()
process.exit(0)
