import { createHash, timingSafeEqual } from "node:crypto"
import { originSecretHeader } from "../../contracts/environment.ts"
import { problem } from "../../contracts/problems.ts"
import { readSecretVersions } from "../credentials.ts"
import type { Step } from "./exchange.ts"

/**
 * Lets in only what came through the edge, where the firewall is: CloudFront adds ORIGIN_SECRET to every request. To whoever
 * comes another way nothing is here. The secret before the last rotation opens, too, until CloudFront has the new one everywhere.
 */
export const origin = (): Step => ({
  before: async ({ event: { event } }) => {
    const given = digest(event.headers[originSecretHeader] ?? "")
    const secrets = await readSecretVersions("ORIGIN_SECRET")
    if (!secrets.some((secret) => timingSafeEqual(digest(secret), given))) throw problem("not-found")
  },
})

/** Of equal length whatever it is of, as the comparison wants. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest()
