import { setTimeout as delay } from "node:timers/promises"
import * as z from "zod"
import { backoffMs } from "../../concurrency/backoff.ts"
import type { PageRequest } from "./page.ts"

const attemptMs = 8_000
const firstPauseMs = 500
const longestPauseMs = 10_000

/** What the services answer to an accepted event: PagerDuty its key, Opsgenie the id of the request. */
const Accepted = z.union([
  z.object({ dedup_key: z.string() }).transform(({ dedup_key }) => dedup_key),
  z.object({ requestId: z.string() }).transform(({ requestId }) => requestId),
])

/** The service refused an event, and would refuse it again. */
class PageRefused extends Error {
  override readonly name = "PageRefused"
}

/**
 * Sends an event to a pager service until it accepts it. A refusal for its contents is not repeated; 429, 5xx and a missing
 * answer are.
 *
 * @param endsAtMs performance.now() at which the attempts end
 * @returns what the service calls the event
 * @throws Error of the last attempt
 */
export async function sendPage(request: PageRequest, endsAtMs: number): Promise<string> {
  for (let failures = 0; ; ) {
    const leftMs = endsAtMs - performance.now()
    try {
      return await attempt(request, Math.max(1, Math.ceil(Math.min(attemptMs, leftMs))))
    } catch (error) {
      failures += 1
      const pauseMs = backoffMs(failures, firstPauseMs, longestPauseMs)
      if (error instanceof PageRefused || performance.now() + pauseMs >= endsAtMs) throw error
      await delay(pauseMs)
    }
  }
}

async function attempt({ url, headers, body }: PageRequest, timeoutMs: number): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal })
  const text = await response.text()
  if (response.ok) return Accepted.parse(JSON.parse(text))
  const message = `The pager service answered ${response.status}`
  const isTemporary = response.status === 429 || response.status >= 500
  throw isTemporary ? new Error(message) : new PageRefused(message)
}
