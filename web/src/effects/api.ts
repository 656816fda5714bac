import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"
import type { Answer } from "../machine/answer.ts"
import type { Reading } from "../machine/clock.ts"
import type { Page, ShownOrder } from "../machine/page-state.ts"
import type { CheckoutAnswer, ReservationBody } from "../machine/purchase-events.ts"
import type { Attempt, Wish } from "../machine/purchase-state.ts"
import type { Challenge } from "./challenge.ts"
import type { SessionKeeper } from "./session-keeper.ts"

/** The API ends a read after 3 s and a write after 10 s (`answerLimits`). A slow phone gets some seconds more. */
const longestReadMs = 10_000
const longestWriteMs = 20_000

export interface ApiParts {
  readonly baseUrl: string
  readonly session: () => SessionKeeper | undefined
  readonly challenge: Challenge
  /** Every answer says what time it is at the server. */
  readonly onReading: (reading: Reading) => void
  /** The session has ended, and could not be renewed. */
  readonly onSignedOut: () => void
}

interface Call {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly body?: unknown
  readonly key?: string
  /** Needs no token. Stock and catalogue: the edge answers them from its cache. */
  readonly isPublic?: boolean
}

export type Api = ReturnType<typeof createApi>

/** The calls of the API that the page makes. A call never throws: how it ended is its answer. */
export function createApi(parts: ApiParts) {
  const ask = <Body>(call: Call) => answerTo<Body>(parts, call)
  const reservation = (id: string, receipt: string | undefined) =>
    `/v1/reservations/${encodeURIComponent(id)}${receipt === undefined ? "" : `?receipt=${encodeURIComponent(receipt)}`}`
  const checkout = (id: string, receipt: string | undefined) => reservation(id, receipt).replace(/(?=\?)|$/, "/checkout")
  const page = (path: string, cursor: string | undefined) =>
    cursor === undefined ? path : `${path}?cursor=${encodeURIComponent(cursor)}`
  return {
    catalogue: (cursor: string | undefined) => ask<Page<Sku>>({ method: "GET", path: page("/v1/skus", cursor), isPublic: true }),
    sku: (skuId: string) => ask<Sku>({ method: "GET", path: `/v1/skus/${encodeURIComponent(skuId)}`, isPublic: true }),
    stock: (skuId: string) =>
      ask<Availability>({ method: "GET", path: `/v1/skus/${encodeURIComponent(skuId)}/availability`, isPublic: true }),
    orders: (cursor: string | undefined) => ask<Page<ShownOrder>>({ method: "GET", path: page("/v1/orders", cursor) }),
    reserve: ({ key, skuId, quantity, joinWaitlist }: Wish) =>
      ask<ReservationBody>({
        method: "POST",
        path: "/v1/reservations",
        key,
        body: { sku_id: skuId, quantity, join_waitlist: joinWaitlist },
      }),
    read: (id: string, receipt: string | undefined) => ask<ReservationBody>({ method: "GET", path: reservation(id, receipt) }),
    cancel: (id: string, receipt: string | undefined) =>
      ask<ReservationBody>({ method: "DELETE", path: reservation(id, receipt) }),
    pay: (id: string, receipt: string | undefined, { key, method }: Attempt) =>
      ask<CheckoutAnswer>({ method: "POST", path: checkout(id, receipt), key, body: { payment_method: method } }),
  }
}

async function answerTo<Body>(parts: ApiParts, call: Call): Promise<Answer<Body>> {
  try {
    if (call.method !== "GET") await parts.challenge.ready()
    const first = await sendOnce<Body>(parts, call, false)
    if (first.kind !== "refused" || first.status !== 401) return noted(parts, first)
    const second = await sendOnce<Body>(parts, call, true)
    const isSignedOut = second.kind === "signed-out" || (second.kind === "refused" && second.status === 401)
    return noted(parts, isSignedOut ? { kind: "signed-out" } : second)
  } catch {
    return { kind: "lost" }
  }
}

function noted<Body>({ challenge, onSignedOut }: ApiParts, answer: Answer<Body>): Answer<Body> {
  if (answer.kind === "signed-out") onSignedOut()
  if (answer.kind === "refused" && answer.slug === "insufficient-scope") challenge.refused()
  return answer
}

async function sendOnce<Body>(parts: ApiParts, call: Call, isRenewed: boolean): Promise<Answer<Body>> {
  const headers: Record<string, string> = { accept: "application/json" }
  if (call.isPublic !== true) {
    const token = await parts.session()?.token(isRenewed)
    if (token === undefined) return { kind: "signed-out" }
    headers.authorization = `Bearer ${token}`
  }
  if (call.key !== undefined) headers["idempotency-key"] = call.key
  if (call.body !== undefined) headers["content-type"] = "application/json"
  const sentMs = Date.now()
  const response = await fetch(parts.baseUrl + call.path, {
    method: call.method,
    headers,
    // The edge's cache, not the browser's: a stale answer would show old stock and an old time.
    cache: "no-store",
    credentials: "same-origin",
    signal: AbortSignal.timeout(call.method === "GET" ? longestReadMs : longestWriteMs),
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  })
  const receivedMs = Date.now()
  const body: unknown = await response.json().catch(() => undefined)
  parts.onReading({ sentMs, receivedMs, ...timesOf(response, body) })
  return answerOf<Body>(response, body)
}

function timesOf({ headers }: Response, body: unknown): Omit<Reading, "sentMs" | "receivedMs"> {
  const date = Date.parse(headers.get("date") ?? "")
  const age = headers.get("age")
  const asOf = isMembers(body) && typeof body.as_of === "string" ? Date.parse(body.as_of) : Number.NaN
  return {
    ...(Number.isFinite(date) && { dateMs: date }),
    ...(age !== null && { ageSeconds: Number(age) }),
    ...(Number.isFinite(asOf) && { asOfMs: asOf }),
  }
}

type Members = Readonly<Record<string, unknown>>
const isMembers = (body: unknown): body is Members => typeof body === "object" && body !== null

/** Anything that the API or the edge did not write in their own form is no answer: nobody knows what became of the call. */
function answerOf<Body>({ status, headers, ok }: Response, body: unknown): Answer<Body> {
  if (!isMembers(body)) return { kind: "lost" }
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10)
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined
  if (ok) return { kind: "done", status, body: body as Body, retryAfterSeconds }
  const [, slug] = typeof body.type === "string" ? (/^\/problems\/([a-z0-9-]+)$/.exec(body.type) ?? []) : []
  if (slug === undefined) return { kind: "lost" }
  const decided = typeof body.decided === "boolean" ? body.decided : undefined
  return { kind: "refused", status, slug, decided, retryAfterSeconds, body }
}
