import type { Endpoint } from "../adapters/http/endpoint.ts"
import { createHttpHandler, type HttpHandler } from "../adapters/http/handler.ts"
import { createTokenVerifier, type TokenVerifier } from "../adapters/http/token.ts"
import { tracing } from "../adapters/http/tracing.ts"
import { environmentInUse, functionConfig, isWarmingUp, tokenEnvironment, type Variables } from "./environment.ts"
import { hasSecret, readSecretVersions } from "./secrets.ts"

/** Exchanges are traced where an X-Ray daemon listens, as on AWS with tracing on. */
const tracingSteps = process.env.AWS_XRAY_DAEMON_ADDRESS === undefined ? [] : await tracing()

let made: { readonly environment: Variables; readonly verifier: TokenVerifier } | undefined

function makeVerifier(): TokenVerifier {
  // A warm-up verifies every token again: that is the path of a shopper's first request.
  const verifier = createTokenVerifier(functionConfig(tokenEnvironment), isWarmingUp() ? 1 : undefined)
  made = { environment: environmentInUse(), verifier }
  return verifier
}

/** One verifier for all functions of a process: a token that one of them has verified is known to the others. */
const verifierInUse = (): TokenVerifier => (made?.environment === environmentInUse() ? made.verifier : makeVerifier())

const tokens: TokenVerifier = {
  known: (token) => verifierInUse().known(token),
  verify: (token) => verifierInUse().verify(token),
}

/**
 * A handler of API Gateway events, with the tokens, the origin secret and the tracing that the environment names.
 * @throws Error at cold start when an endpoint and the routes table do not agree, or when the environment is not complete
 */
export const httpHandler = (endpoints: Readonly<Record<string, Endpoint>>): HttpHandler =>
  createHttpHandler(endpoints, {
    tokenVerifier() {
      makeVerifier()
      return tokens
    },
    ...(hasSecret("ORIGIN_SECRET") && { readOriginSecrets: () => readSecretVersions("ORIGIN_SECRET") }),
    tracing: tracingSteps,
  })
