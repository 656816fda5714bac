// Shared by all scenarios: the address of the shop, the shoppers and their actions, and the service levels. k6 runs this file.
//   BASE_URL     the API, without a slash at its end (default: the local run)
//   TOKENS       file with one {"sub", "access_token"} a line (docs/DEPLOY.md); without it the local identity provider issues tokens
//   ADMIN_TOKEN  creates and opens a SKU for the run; instead, SKU names an open one, which distributed runs need
//   SCALE, TIME  factors for rates and durations (default 1)

import { sleep } from "k6"
import { SharedArray } from "k6/data"
import exec from "k6/execution"
import http from "k6/http"
import { Rate } from "k6/metrics"

const baseUrl = __ENV.BASE_URL || "http://127.0.0.1:8080"
const scale = Number(__ENV.SCALE || 1)
const time = Number(__ENV.TIME || 1)

/** Arrivals a second, at least one in ten seconds. k6 needs whole numbers, so the unit is ten seconds. */
export const rateOf = (perSecond) => Math.max(1, Math.round(perSecond * 10 * scale))
export const timeUnit = "10s"
export const durationOf = (seconds) => `${Math.max(1, Math.round(seconds * time))}s`
const fewestUsers = 50
/** Shoppers at the same time. Further arrivals are dropped, and a threshold fails then. */
export const usersOf = (count) => Math.max(fewestUsers, Math.ceil(count * scale))

/** A constant rate of arrivals for `seconds`, with `users` users at first and `mostUsers` at most. */
export const steady = (perSecond, seconds, users, mostUsers = 4 * users) => ({
  executor: "constant-arrival-rate",
  rate: rateOf(perSecond),
  timeUnit,
  duration: durationOf(seconds),
  preAllocatedVUs: usersOf(users),
  maxVUs: usersOf(mostUsers),
})

/** Well-formed requests that got an answer of the shop: a decision, a position in the queue, the stock. */
const businessAnswers = new Rate("business_answers")
/** Of a labelled mix: hostile requests that got nothing, and good ones that were refused. */
const hostileRefused = new Rate("hostile_refused")
const goodRefused = new Rate("good_refused")

const p95Ms = { read: 150, write: 120, checkout: 450 }

/** The service levels of a scenario. Latencies of an open model are valid only if the generator drops no request. */
export const levelsOf = (...kinds) => ({
  ...Object.fromEntries(kinds.map((kind) => [`http_req_duration{kind:${kind}}`, [`p(95)<=${p95Ms[kind]}`]])),
  business_answers: ["rate>=0.99"],
  dropped_iterations: ["count==0"],
})
/** For a labelled mix with hostile requests. */
export const mixLevels = { hostile_refused: ["rate>=0.95"], good_refused: ["rate<=0.01"] }

// Refusals are answers: sold out (409), too fast (429), malformed (400, 401, 422); only a request without an answer of the shop has failed.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }))

const file = new SharedArray("tokens", () =>
  __ENV.TOKENS
    ? open(__ENV.TOKENS)
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line).access_token)
    : [],
)

// The headers of a browser: a program is flagged sooner. The TLS hello is still that of a program (docs/LOADTEST.md).
const browser = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Accept-Language": "en-GB,en;q=0.8",
  "Sec-Fetch-Site": "same-origin",
}
const json = { "Content-Type": "application/json", ...browser }
const mintedAtOnce = 20

function mint(bodies) {
  const requests = bodies.map((body) => ({
    method: "POST",
    url: `${baseUrl}/local/token`,
    body: JSON.stringify(body),
    params: { headers: json, tags: { kind: "setup" } },
  }))
  return http.batch(requests).map((reply) => reply.json("access_token"))
}

/** Before the first arrival: gets tokens, and a SKU on sale. Every shopper receives the returned value. */
export function prepare({ shoppers, stock }) {
  const run = `k6-${Date.now()}`
  const minted = []
  while (file.length === 0 && minted.length < Math.min(2_000, Math.ceil(shoppers * scale))) {
    minted.push(...mint(Array.from({ length: mintedAtOnce }, (_, index) => ({ sub: `${run}-${minted.length + index}` }))))
  }
  return { run, minted, sku: __ENV.SKU || openSale(run, Math.max(1, Math.ceil(stock * scale))) }
}

function openSale(sku, stock) {
  const token = __ENV.ADMIN_TOKEN || mint([{ sub: "k6-manager", scope: "sales:admin" }])[0]
  const params = {
    headers: { ...json, Authorization: `Bearer ${token}`, "Idempotency-Key": `${sku}-create` },
    tags: { kind: "setup" },
  }
  const definition = { sku_id: sku, name: sku, price_minor: 500, currency: "EUR", total_stock: stock, per_user_limit: 1 }
  const created = http.post(`${baseUrl}/v1/admin/skus`, JSON.stringify(definition), params)
  const opened = http.post(`${baseUrl}/v1/admin/skus/${sku}/open`, null, params)
  if (created.status >= 300 || opened.status >= 300)
    exec.test.abort(`No sale: ${created.status} ${created.body}, ${opened.status}`)
  return sku
}

const turn = () => exec.scenario.iterationInTest
const tokenOf = ({ minted }) => (file.length > 0 ? file[turn() % file.length] : minted[turn() % minted.length])
const answered = (reply) => businessAnswers.add(reply.status >= 200 && reply.status < 500 && reply.status !== 429)

/** Looks at the stock. */
export function look({ sku }) {
  answered(http.get(`${baseUrl}/v1/skus/${sku}/availability`, { headers: browser, tags: { kind: "read" } }))
}

const reservation = (sku) => JSON.stringify({ sku_id: sku, quantity: 1 })
const writing = (token, kind, key) => ({
  headers: { ...json, Authorization: `Bearer ${token}`, "Idempotency-Key": key },
  tags: { kind },
})
const keyOf = (run) => `${run}-${exec.scenario.name}-${turn()}`

/** Asks for a unit. @returns the reservation, when one is held */
export function reserve({ sku, run, ...tokens }) {
  const reply = http.post(`${baseUrl}/v1/reservations`, reservation(sku), writing(tokenOf(tokens), "write", keyOf(run)))
  answered(reply)
  goodRefused.add(reply.status === 429 || reply.status === 401 || reply.status === 403)
  return reply.status === 201 ? reply.json() : undefined
}

const payingShare = 0.7

/** Asks for a unit; most winners take a few seconds and pay. */
export function shop(data) {
  const held = reserve(data)
  if (held === undefined || Math.random() > payingShare) return
  sleep((1 + 8 * Math.random()) * time)
  const params = writing(tokenOf(data), "checkout", `${keyOf(data.run)}-pay`)
  const url = `${baseUrl}/v1/reservations/${held.reservation_id}/checkout`
  answered(http.post(url, JSON.stringify({ payment_method: "pm_card_visa" }), params))
}

/** Attacks: no token, a forged token, a malformed body, and one user at the highest rate. None of them may win a unit. */
export function attack({ sku, run, minted }) {
  const url = `${baseUrl}/v1/reservations`
  const greedy = file.length > 0 ? file[0] : minted[0]
  const kinds = [
    () => http.post(url, reservation(sku), { headers: json, tags: { kind: "hostile" } }),
    () => http.post(url, reservation(sku), writing("eyJhbGciOiJub25lIn0.e30.", "hostile", keyOf(run))),
    () => http.post(url, '{"sku_id":', writing(greedy, "hostile", keyOf(run))),
    () => http.post(url, reservation(sku), writing(greedy, "hostile", keyOf(run))),
  ]
  const reply = kinds[turn() % kinds.length]()
  hostileRefused.add(reply.status >= 400 && reply.status < 500)
}
