import { type Page, type PageRequest, shortened } from "./page.ts"

const address = "https://api.opsgenie.com/v2/alerts"
/** Limits of the Alert API. */
const maxMessage = 130
const maxAlias = 512

/** Opsgenie's own priorities begin at P1. */
const priorities = { P0: "P1", P1: "P2", P2: "P3" } as const

/**
 * A call of Opsgenie's Alert API: an alert is created, and closed by its alias. Opsgenie is not sold any more since 4 June 2025
 * and ends on 5 April 2027; Jira Service Management, which follows it, takes the same calls at another address.
 * https://docs.opsgenie.com/docs/alert-api
 */
export function opsgenieRequest(page: Page, key: string, url = address): PageRequest {
  const headers = { "content-type": "application/json", authorization: `GenieKey ${key}` }
  const alias = page.alarm.slice(0, maxAlias)
  if (page.state === "ok") {
    return {
      url: `${url}/${encodeURIComponent(alias)}/close?identifierType=alias`,
      headers,
      body: { source: page.source, note: page.reason },
    }
  }
  return {
    url,
    headers,
    body: {
      message: shortened(`${page.priority} ${page.alarm}`, maxMessage),
      alias,
      description: `${page.summary}\n\n${page.reason}\n\nRunbook: ${page.runbook ?? "docs/RUNBOOK.md"}`,
      priority: priorities[page.priority],
      source: page.source,
      details: { runbook: page.runbook ?? "docs/RUNBOOK.md", at: page.at },
    },
  }
}
