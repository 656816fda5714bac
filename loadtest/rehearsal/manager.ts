import { AnalyticsReport } from "../../core/contracts/analytics.ts"
import { AdminSku, SkuStats, Verification } from "../../core/contracts/http/admin.ts"
import { ProblemDocument } from "../../core/contracts/http/problem.ts"
import { nameOf, parsedBody } from "./answers.ts"
import type { Reply, Send } from "./client.ts"

/** The system did not do what the rehearsal needs. */
export class SystemUnusable extends Error {
  override readonly name = "SystemUnusable"
}

export interface SaleTerms {
  readonly skuId: string
  readonly stock: number
  readonly holdSeconds: number
  /** Unpaid holds that a user may have; without it the system's default. */
  readonly maxUnpaidHolds?: number
}

export const priceMinor = 9_900
/** The limit of the waitlist, as a share of the stock. */
const waitlistShare = 0.05

/** Administrates the rehearsal's own sale. Every call @throws SystemUnusable with the unexpected answer */
export interface SaleManager {
  create(): Promise<void>
  open(): Promise<void>
  close(): Promise<void>
  stats(): Promise<SkuStats>
  verify(): Promise<Verification>
  /** The figures of the sale that analytics counted from its events. */
  analytics(): Promise<AnalyticsReport>
}

export function createSaleManager(send: Send, token: string, terms: SaleTerms): SaleManager {
  const { skuId, stock, holdSeconds, maxUnpaidHolds } = terms
  const call = (method: "GET" | "POST", path: string, body?: object) =>
    send({ method, path: `/v1/admin/${path}`, token, ...(body && { body }) })
  const steer = async (action: "open" | "close"): Promise<void> => {
    const reply = await call("POST", `skus/${skuId}/${action}`)
    if (!parsedBody(reply, AdminSku)) throw unusable(`The sale did not ${action}`, reply)
  }

  return {
    async create() {
      const reply = await call("POST", "skus", {
        sku_id: skuId,
        name: `Rehearsal of ${stock} units`,
        price_minor: priceMinor,
        currency: "EUR",
        total_stock: stock,
        per_user_limit: 1,
        hold_seconds: holdSeconds,
        waitlist_limit: Math.ceil(stock * waitlistShare),
        ...(maxUnpaidHolds !== undefined && { max_unpaid_holds: maxUnpaidHolds }),
      })
      if (!parsedBody(reply, AdminSku)) throw unusable("The sale could not be created", reply)
    },
    open: () => steer("open"),
    close: () => steer("close"),
    async stats() {
      const reply = await call("GET", `skus/${skuId}/stats`)
      return parsedBody(reply, SkuStats) ?? raise(unusable("The sale's counters could not be read", reply))
    },
    async verify() {
      const reply = await call("GET", "verify")
      return parsedBody(reply, Verification) ?? raise(unusable("The invariants could not be checked", reply))
    },
    async analytics() {
      const reply = await call("GET", `analytics?sku_id=${skuId}`)
      return parsedBody(reply, AnalyticsReport) ?? raise(unusable("The figures of analytics could not be read", reply))
    },
  }
}

/** Checks that there is a system to rehearse with. @throws SystemUnusable */
export async function assertReady(send: Send, url: string): Promise<void> {
  const reply = await send({ method: "GET", path: "/v1/ready" })
  if (reply.kind === "failed") throw unusable(`No system answers at ${url}. "npm start" starts one on this machine`, reply)
  if (reply.status !== 200) throw unusable(`The system at ${url} is not ready`, reply)
}

export const unusable = (what: string, reply: Reply): SystemUnusable => new SystemUnusable(`${what} (${describe(reply)})`)

/** A problem with its detail, so that the reader can find the cause. */
function describe(reply: Reply): string {
  const problem = reply.kind === "answer" ? ProblemDocument.safeParse(reply.body).data : undefined
  return [nameOf(reply), problem?.detail].filter(Boolean).join(": ")
}

function raise(error: Error): never {
  throw error
}
