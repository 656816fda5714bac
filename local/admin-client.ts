import type { AdminSku, CreateSkuBody } from "../core/contracts/http/admin.ts"

/** A call that the API answered with a problem. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem"
}

const requestTimeoutMs = 30_000

/**
 * The admin API for the demo SKUs and the benchmarks. Every call
 *
 * @throws ApiProblem with the problem's title and detail, or fetch's TypeError
 */
export function createApiClient(baseUrl: string, token: () => Promise<string>) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    const answer = (await response.json()) as { title?: string; detail?: string; errors?: { field: string; message: string }[] }
    if (response.ok) return answer as T
    const fields = answer.errors?.map(({ field, message }) => `${field} ${message}`).join("; ")
    throw new ApiProblem([`${response.status} ${answer.title ?? ""}`, answer.detail, fields].filter(Boolean).join(": "))
  }

  return {
    create: (sku: Partial<CreateSkuBody>) => call<AdminSku>("POST", "/v1/admin/skus", sku),
    steer: (skuId: string, action: "open" | "close" | "halt" | "resume") =>
      call<AdminSku>("POST", `/v1/admin/skus/${encodeURIComponent(skuId)}/${action}`),
  }
}

export type ApiClient = ReturnType<typeof createApiClient>
