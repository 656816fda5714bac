import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { expect, onTestFinished, test } from "vitest"
import { opsgenieRequest } from "../../core/adapters/pager/opsgenie.ts"
import type { Page } from "../../core/adapters/pager/page.ts"
import { pagerDutyRequest } from "../../core/adapters/pager/pagerduty.ts"
import { sendPage } from "../../core/adapters/pager/send-page.ts"
import { drillOf, drillReason, type PagedTopics } from "../../core/contracts/pages.ts"
import { conditionOf, TopicEvent } from "../../lambdas/pager/alarm-message.ts"
import { pageFor } from "../../lambdas/pager/workflow.ts"
import { openKeptLines } from "../../local/alarms/kept-lines.ts"
import { createAlarmServer } from "../../local/alarms/server.ts"
import { type AlarmChange, topicArnOf, topicEvent } from "../../local/alarms/topic-message.ts"

const page: Page = {
  alarm: "flash-sale-prod-WriterCannotWrite-stalled",
  priority: "P0",
  state: "alarm",
  summary: "the writer stands still",
  reason: "1 datapoint was above 10000",
  runbook: "https://github.com/shop/flash-sale/blob/main/docs/RUNBOOK.md#writercannotwrite",
  source: "eu-central-1",
  at: "2027-03-19T18:00:10.000Z",
}
const change: AlarmChange = {
  alarm: { heading: "WriterCannotWrite", variant: "stalled", priority: "P0", condition: "the writer stands still" },
  state: "alarm",
  reason: "1 datapoint was above 10000",
  atMs: Date.parse(page.at),
}
const soon = () => performance.now() + 5_000

async function serving(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The stand-in of the pager services, and what it got. */
async function givenStandIn() {
  const folder = mkdtempSync(join(tmpdir(), "pages-"))
  const pages = openKeptLines(join(folder, "pages.jsonl"))
  const changes = openKeptLines(join(folder, "alarms.jsonl"))
  const url = await serving(
    createAlarmServer({ pages, changes, watch: { list: () => [] }, drill: async (priority) => ({ priority }) }),
  )
  const topics: PagedTopics = {
    [topicArnOf("P0")]: { priority: "P0", service: "pagerduty", url: `${url}/v2/enqueue` },
    [topicArnOf("P2")]: { priority: "P2", service: "opsgenie", url: `${url}/v2/alerts` },
  }
  return { url, pages, parts: { topics, keys: { P0: "key", P2: "key" } } }
}

test("PagerDuty gets an incident that it knows by the alarm's name, with severity and runbook, and its end", () => {
  const { url, body } = pagerDutyRequest(page, "secret")
  expect(url).toBe("https://events.pagerduty.com/v2/enqueue")
  expect(body).toMatchObject({
    ...{ routing_key: "secret", event_action: "trigger", dedup_key: page.alarm },
    payload: { severity: "critical", source: "eu-central-1", timestamp: page.at },
    links: [{ href: page.runbook, text: "Runbook" }],
  })
  expect(pagerDutyRequest({ ...page, priority: "P1" }, "").body).toMatchObject({ payload: { severity: "error" } })
  expect(pagerDutyRequest({ ...page, state: "ok" }, "secret").body).toEqual({
    ...{ routing_key: "secret", event_action: "resolve", dedup_key: page.alarm },
  })
})

test("Opsgenie gets an alert with the alarm's name as its alias, and closes it by that", () => {
  const { url, headers, body } = opsgenieRequest(page, "secret")
  expect(url).toBe("https://api.opsgenie.com/v2/alerts")
  expect(headers.authorization).toBe("GenieKey secret")
  expect(body).toMatchObject({ alias: page.alarm, priority: "P1", source: "eu-central-1" })
  expect(opsgenieRequest({ ...page, state: "ok" }, "secret").url).toBe(
    `https://api.opsgenie.com/v2/alerts/${page.alarm}/close?identifierType=alias`,
  )
})

test("texts are cut to the services' limits", () => {
  const long = { ...page, alarm: "a".repeat(600), summary: "s".repeat(2_000) }
  const duty = pagerDutyRequest(long, "").body as { dedup_key: string; payload: { summary: string } }
  expect([duty.dedup_key.length, duty.payload.summary.length]).toEqual([255, 1_024])
  const genie = opsgenieRequest(long, "").body as { message: string; alias: string }
  expect([genie.message.length, genie.alias.length]).toEqual([130, 512])
})

test("the way of a page: an alarm of CloudWatch, also a composite one, reaches the service, and its end, too", async () => {
  const { parts, pages } = await givenStandIn()
  await pageFor(parts, TopicEvent.parse(topicEvent(change)), soon())
  await pageFor(parts, TopicEvent.parse(topicEvent({ ...change, state: "ok" })), soon())
  const event = topicEvent({ ...change, alarm: { ...change.alarm, priority: "P2" } })
  const composite = JSON.stringify(event).replaceAll('WriterCannotWrite-stalled\\\\"', 'WriterCannotWrite-stalled.page\\\\"')
  await pageFor(parts, TopicEvent.parse(JSON.parse(composite)), soon())
  const alarm = "flash-sale-local-WriterCannotWrite-stalled"
  expect(pages.all()).toMatchObject([
    { service: "pagerduty", event_action: "trigger", dedup_key: alarm },
    { service: "pagerduty", event_action: "resolve", dedup_key: alarm },
    { service: "opsgenie", alias: alarm, priority: "P3" },
  ])
  expect(JSON.stringify(pages.all())).not.toContain("routing_key")
})

test("a topic or a priority without a pager is an error that says what to do", async () => {
  const { parts } = await givenStandIn()
  const event = TopicEvent.parse(topicEvent(change))
  await expect(pageFor({ ...parts, keys: {} }, event, soon())).rejects.toThrow("PAGER_KEYS has no key for P0")
  await expect(pageFor({ ...parts, topics: {} }, event, soon())).rejects.toThrow("PAGERS has no pager for arn:aws:sns")
})

/** A service that answers with these statuses, one after the other. */
async function givenService(...statuses: number[]) {
  const bodies: unknown[] = []
  const url = await serving(
    createServer(async (request, response) => {
      bodies.push(await json(request))
      const status = statuses[bodies.length - 1] ?? 202
      response.writeHead(status).end(JSON.stringify(status === 202 ? { dedup_key: "accepted" } : {}))
    }),
  )
  return { url, bodies }
}

test("an overloaded or failing service is asked again until it accepts; a refusal is not repeated", async () => {
  const busy = await givenService(429, 503)
  expect(await sendPage(pagerDutyRequest(page, "key", busy.url), soon())).toBe("accepted")
  expect(busy.bodies).toHaveLength(3)
  const refusing = await givenService(400)
  await expect(sendPage(pagerDutyRequest(page, "key", refusing.url), soon())).rejects.toThrow("answered 400")
  expect(refusing.bodies).toHaveLength(1)
})

test("the attempts end in time, and the error is that of the last one", async () => {
  const failing = await givenService(...Array<number>(20).fill(500))
  const began = performance.now()
  await expect(sendPage(pagerDutyRequest(page, "key", failing.url), began + 600)).rejects.toThrow("answered 500")
  expect(performance.now() - began).toBeLessThan(2_000)
})

test("the stand-in refuses what the services refuse", async () => {
  const { url, pages } = await givenStandIn()
  const post = (path: string, body: object) => fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) })
  expect((await post("/v2/enqueue", { event_action: "trigger", dedup_key: "x" })).status).toBe(400)
  expect((await post("/v2/enqueue", { routing_key: "k", event_action: "trigger", dedup_key: "x" })).status).toBe(400)
  expect((await post("/v2/alerts", { message: "x" })).status).toBe(401)
  expect(pages.all()).toEqual([])
})

test("a drill is known by the id in its reason, and a real alarm is none", () => {
  const drill = randomUUID()
  expect(drillOf(drillReason(drill))).toBe(drill)
  expect(drillOf("Threshold Crossed: 1 datapoint was above 0")).toBeUndefined()
})

test("the description of an alarm is its condition and the address of its runbook", () => {
  expect(conditionOf("P0: sold - total is above 0. The SKU is halted. Runbook: https://x/RUNBOOK.md#oversell")).toEqual({
    condition: "sold - total is above 0. The SKU is halted",
    runbook: "https://x/RUNBOOK.md#oversell",
  })
  expect(conditionOf("P1: late. Runbook: docs/RUNBOOK.md#late")).toEqual({ condition: "late" })
})

test("kept lines have a bound, and the oldest go", () => {
  const kept = openKeptLines(join(mkdtempSync(join(tmpdir(), "kept-")), "lines.jsonl"), 200)
  for (let line = 0; line < 100; line++) kept.keep({ line })
  const all = kept.all() as { line: number }[]
  expect(all.at(-1)).toEqual({ line: 99 })
  expect(all.length).toBeLessThan(40)
})
