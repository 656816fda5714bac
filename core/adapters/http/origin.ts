import { createHash, timingSafeEqual } from "node:crypto"
import { originSecretHeader } from "../../contracts/environment.ts"
import { problem } from "../../contracts/problems.ts"
import type { Step } from "./exchange.ts"

/**
 * Accepts only requests that came through the edge, where the firewall is: CloudFront adds the origin secret to every request.
 * Any other request gets 404. The secret before the last rotation is accepted, too, until CloudFront has the new one everywhere.
 *
 * @param readSecrets the accepted secrets, read for each request
 */
export const origin = (readSecrets: () => Promise<readonly string[]>): Step => ({
  before: async ({ event: { event } }) => {
    const given = digest(event.headers[originSecretHeader] ?? "")
    const secrets = await readSecrets()
    if (!secrets.some((secret) => timingSafeEqual(digest(secret), given))) throw problem("not-found")
  },
})

/** Digests have equal lengths, as the comparison requires. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest()
