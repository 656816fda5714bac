import { type Page, type PageRequest, shortened } from "./page.ts"

const address = "https://events.pagerduty.com/v2/enqueue"
/** Limits of the Events API v2. */
const maxSummary = 1_024
const maxKey = 255

const severities = { P0: "critical", P1: "error", P2: "warning" } as const

/**
 * An event of PagerDuty's Events API v2: `trigger` begins an incident, `resolve` with the same key ends it.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export function pagerDutyRequest(page: Page, key: string, url = address): PageRequest {
  const event = { routing_key: key, dedup_key: page.alarm.slice(0, maxKey) }
  const headers = { "content-type": "application/json" }
  if (page.state === "ok") return { url, headers, body: { ...event, event_action: "resolve" } }
  return {
    url,
    headers,
    body: {
      ...event,
      event_action: "trigger",
      payload: {
        summary: shortened(`${page.priority} ${page.alarm}: ${page.summary}`, maxSummary),
        source: page.source,
        severity: severities[page.priority],
        timestamp: page.at,
        class: page.priority,
        custom_details: { reason: page.reason, runbook: page.runbook ?? "docs/RUNBOOK.md" },
      },
      ...(page.runbook !== undefined && { links: [{ href: page.runbook, text: "Runbook" }] }),
    },
  }
}
