import type { Shopper } from "./shopper.ts"

/** The keys of all requests for a unit that this device has sent. */
export function keysOf({ context }: Shopper): () => readonly string[] {
  const keys: string[] = []
  context.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/v1/reservations"))
      keys.push(request.headers()["idempotency-key"] ?? "")
  })
  return () => keys
}
