import { scopeServer, userGroups } from "../../contracts/environment.ts"
import type { Claims } from "./claims.ts"

/** Cognito's access tokens name their app client; they have no audience. */
export function checkCognito(payload: Readonly<Record<string, unknown>>, clientIds: readonly string[]): void {
  if (payload.token_use !== "access") throw new Error("Only access tokens are accepted")
  if (typeof payload.client_id !== "string" || !clientIds.includes(payload.client_id)) {
    throw new Error("The token was made for another app client")
  }
}

/**
 * Maps Cognito's claims to ours: groups become the tier and further scopes, and a scope loses the prefix of its resource server.
 * Of several tiers the lowest counts: a flagged user stays flagged in every other group.
 */
export function fromCognito(claims: Claims & { readonly "cognito:groups"?: unknown }): Claims {
  const names = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : []
  const groups = Object.entries(userGroups).flatMap(([name, group]) => (names.includes(name) ? [group] : []))
  const tiers = groups.flatMap((group) => ("tier" in group ? [group.tier] : []))
  const prefix = `${scopeServer}/`
  const granted = (typeof claims.scope === "string" ? claims.scope.split(" ") : [])
    .filter((scope) => scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length))
  const { iss, sub, account_created_at: createdAt } = claims
  return {
    ...(iss !== undefined && { iss }),
    sub,
    tier: tiers.length > 0 ? Math.min(...tiers) : undefined,
    // The trigger of the user pool writes text (lambdas/token-claims).
    account_created_at: typeof createdAt === "string" && /^\d+$/.test(createdAt) ? Number(createdAt) : createdAt,
    scope: [...granted, ...groups.flatMap(({ scopes }) => scopes)].join(" "),
  }
}
