import { z } from "zod"
import { validated } from "../../core/adapters/http/validated.ts"
import { problem } from "../../core/contracts/problems.ts"
import { userIdOf } from "../../core/domain/ids.ts"
import type { LocalRoute } from "../gateway/local-routes.ts"
import { defaultTokenSeconds, type Issuer } from "./issuer.ts"
import { localShopper } from "./shoppers.ts"
import { Tier } from "./tier.ts"

const maxTokenSeconds = 7 * 24 * 3_600

/** POST /local/token */
export const TokenBody = z.strictObject({
  sub: z.string().regex(/^[!-~]{1,128}$/, "must be 1 to 128 visible characters"),
  scope: z
    .string()
    .regex(/^[!-~]{1,64}( [!-~]{1,64}){0,15}$/, "must be scopes separated by single spaces")
    .optional(),
  tier: Tier.optional(),
  account_age_seconds: z.int().min(0).optional(),
  expires_in_seconds: z.int().min(1).max(maxTokenSeconds).default(defaultTokenSeconds),
})

const json = { "content-type": "application/json", "cache-control": "no-store" }

/** The routes that an identity provider has in a deployed stage: tokens, here for every client, and the public key. */
export function identityRoutes(issuer: Issuer): LocalRoute[] {
  return [
    {
      method: "POST",
      path: "/local/token",
      async answer(body) {
        const {
          sub,
          scope,
          tier,
          account_age_seconds: accountAgeSeconds,
          expires_in_seconds,
        } = validated(TokenBody, jsonOf(body)) as z.output<typeof TokenBody>
        const token = await issuer.sign({ sub, scope, tier, accountAgeSeconds, expiresInSeconds: expires_in_seconds })
        const document = {
          ...{ access_token: token, token_type: "Bearer", expires_in: expires_in_seconds },
          // Where this shopper gets their notices, and how they read.
          ...localShopper(userIdOf(issuer.name, sub)),
        }
        return { statusCode: 200, headers: json, body: JSON.stringify(document) }
      },
    },
    {
      method: "GET",
      path: "/local/jwks.json",
      answer: async () => ({ statusCode: 200, headers: json, body: JSON.stringify(issuer.jwks) }),
    },
  ]
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf8", { fatal: true }).decode(body))
  } catch (error) {
    throw problem("malformed-json", {}, error)
  }
}
