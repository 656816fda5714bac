import { getXrayTraceDataFromEnv } from "@aws-lambda-powertools/commons/utils/env"
import type { Endpoint } from "../adapters/http/endpoint.ts"
import { createHttpHandler, type HttpHandler } from "../adapters/http/handler.ts"
import { createTokenVerifier, type TokenVerifier } from "../adapters/http/token.ts"
import { traced } from "../adapters/http/traced.ts"
import { recordsSpans } from "../adapters/tracing/spans.ts"
import { fromXRay, type TraceContext } from "../adapters/tracing/trace-context.ts"
import { environmentInUse, functionConfig, isWarmingUp, tokenEnvironment, type Variables } from "./environment.ts"
import { hasSecret, readSecretVersions } from "./secrets.ts"

/** The trace for which X-Ray has chosen the present invocation. Nobody waits for the invocations of a warm-up. */
function chosenByXRay(): TraceContext | undefined {
  const header = isWarmingUp() ? undefined : getXrayTraceDataFromEnv()
  return header && fromXRay(header)
}

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
  readKeys: () => verifierInUse().readKeys(),
}

/** Reads the issuer's keys, if a function of this process accepts tokens. @throws ProblemError as readKeys */
export const readTokenKeys = async (): Promise<void> => {
  if (made !== undefined) await tokens.readKeys()
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
    tracing: recordsSpans() ? [traced(chosenByXRay)] : [],
  })
