import type { Access } from "../../contracts/http/routes.ts"
import { problem } from "../../contracts/problems.ts"
import type { Exchange, Step } from "./exchange.ts"
import { type Caller, type TokenVerifier, unauthorized } from "./token.ts"

const bearerPattern = /^bearer +([A-Za-z0-9._~+/=-]+)$/i

/** Identifies the caller where the route requires one. A known token costs one look-up and no turn of the event loop. */
export const identity = (verifier: TokenVerifier): Step => ({
  before: ({ event: exchange }) => {
    const { access } = exchange.endpoint
    if (access === "anyone") return undefined
    const token = bearerToken(exchange.event.headers.authorization)
    const caller = verifier.known(token)
    if (caller) return admit(exchange, access, caller)
    return verifier.verify(token).then((verified) => admit(exchange, access, verified))
  },
})

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) throw problem("unauthorized", { headers: { "www-authenticate": "Bearer" } })
  const token = bearerPattern.exec(authorization)?.[1]
  if (token === undefined) throw unauthorized("The Authorization header must carry one bearer token.")
  return token
}

function admit(exchange: Exchange, access: Exclude<Access, "anyone">, caller: Caller): undefined {
  if (access !== "shopper" && !caller.scopes.has(access)) {
    throw problem("insufficient-scope", {
      detail: `The scope ${access} is needed.`,
      headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${access}"` },
    })
  }
  exchange.caller = caller
}
