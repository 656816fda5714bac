import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { expect, inject } from "vitest"
import { maxTotalStock } from "../../core/contracts/http/admin.ts"
import { type ProblemSlug, problems } from "../../core/contracts/problems.ts"
import { type EnvironmentOptions, handlerEnvironment, testPaymentApiKey, testWebhookSecret } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { internals } from "./raw-http.ts"

export interface Ask {
  /** Without one, no token is sent. */
  readonly user?: string
  readonly scope?: string
  readonly tier?: 1 | 2 | 3 | 4
  readonly key?: string
  /** An object is sent as JSON; text and bytes as they are, with the same Content-Type. */
  readonly body?: object | string | Buffer<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const portOf = ({ printed }: StartedPart): number => {
  const ready =
    printed()
      .split("\n")
      .find((line) => line.includes('"ready"')) ?? "{}"
  return (JSON.parse(ready) as { port?: number }).port ?? 0
}

/**
 * What a browser sends. A busy machine sends the requests of a test as evenly as a timer. Such requests with a script's headers
 * flag their client.
 */
const browserHeaders = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "accept-language": "en",
  "sec-fetch-site": "same-origin",
}

/** The real gateway process with all API functions in it, and how a client talks to it. */
export async function givenApi(options: EnvironmentOptions & { readonly port?: number }) {
  const environment = await handlerEnvironment(options)
  const gateway = await startPart("local/gateway/main.ts", { ...environment.variables, PORT: String(options.port ?? 0) })
  const port = portOf(gateway)
  const tokens = new Map<string, Promise<string>>()

  const token = ({ user = "", scope, tier = 4 }: Ask): Promise<string> => {
    const name = `${user} ${scope} ${tier}`
    const known = tokens.get(name) ?? environment.token({ sub: user, tier, ...(scope !== undefined && { scope }) })
    tokens.set(name, known)
    return known
  }

  async function ask(method: string, path: string, request: Ask = {}): Promise<Answer> {
    const { user, key, body, headers } = request
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...browserHeaders,
        ...(user !== undefined && { authorization: `Bearer ${await token(request)}` }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" || body instanceof Buffer ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    // Readiness names the missing parts on purpose.
    if (!response.ok && path !== "/v1/ready") expect(text).not.toMatch(internals)
    expect(response.headers.get("x-correlation-id")).toMatch(/^[!-~]{1,128}$/)
    return { status: response.status, headers: Object.fromEntries(response.headers), body: JSON.parse(text) }
  }

  const admin = (method: string, path: string, body?: object) =>
    ask(method, path, { user: "admin", scope: "sales:admin", ...(body && { body }) })

  return {
    port,
    printed: gateway.printed,
    ask,
    token,
    admin,
    variables: environment.variables,

    /** A SKU of its own for the test. */
    async sku(
      definition: {
        total_stock?: number
        per_user_limit?: number
        waitlist_limit?: number
        max_unpaid_holds?: number
        open?: boolean
      } = {},
    ) {
      const { open = true, ...rest } = definition
      const sku_id = `sku-${crypto.randomUUID().slice(0, 8)}`
      const body = { sku_id, name: "A thing", price_minor: 1_999, currency: "EUR", total_stock: maxTotalStock, ...rest }
      expect((await admin("POST", "/v1/admin/skus", body)).status).toBe(201)
      if (open) expect((await admin("POST", `/v1/admin/skus/${sku_id}/open`)).status).toBe(200)
      return sku_id
    },

    async close() {
      await gateway.stop()
      await environment.close()
    },
  }
}

export type Api = Awaited<ReturnType<typeof givenApi>>

/** The simulated payment provider as a process; its URL. It calls the given webhook about its payments. */
export async function givenPaymentProvider(
  webhookUrl?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<StartedPart & { url: string }> {
  const part = await startPart("local/payment-provider/main.ts", {
    PAYMENT_PROVIDER_PORT: "0",
    PAYMENT_LATENCY_MS: "5",
    PAYMENT_API_KEY: testPaymentApiKey,
    LOCAL_STATE_DIR: mkdtempSync(join(inject("services").stateDir, "payments-")),
    ...more,
    ...(webhookUrl !== undefined && { PAYMENT_WEBHOOK_URL: webhookUrl, PAYMENT_WEBHOOK_SECRET: testWebhookSecret }),
  })
  return { ...part, url: `http://127.0.0.1:${portOf(part)}` }
}

/** An answer with the complete problem document. */
export const refused = (slug: ProblemSlug, members: Readonly<Record<string, unknown>> = {}) => {
  const { status, title, retry } = problems[slug]
  const isRetried = retry === "after" || status === 503
  return {
    status,
    headers: expect.objectContaining({
      "content-type": "application/problem+json",
      ...(isRetried && { "retry-after": expect.stringMatching(/^[1-9]\d*$/) }),
      ...(status === 401 && { "www-authenticate": expect.stringMatching(/^Bearer/) }),
    }),
    body: expect.objectContaining({ type: `/problems/${slug}`, title, status, instance: expect.any(String), ...members }),
  }
}

/** A key that nobody has used. */
export const newKey = (): string => crypto.randomUUID()
