import type { Endpoint } from "../adapters/http/endpoint.ts"
import { createHttpHandler, type HttpHandler } from "../adapters/http/handler.ts"
import { createTokenVerifier } from "../adapters/http/token.ts"
import { tracing } from "../adapters/http/tracing.ts"
import { functionConfig, tokenEnvironment } from "./environment.ts"
import { hasSecret, readSecretVersions } from "./secrets.ts"

/** Exchanges are traced where an X-Ray daemon listens, as on AWS with tracing on. */
const tracingSteps = process.env.AWS_XRAY_DAEMON_ADDRESS === undefined ? [] : await tracing()

/**
 * A handler of API Gateway events, with the tokens, the origin secret and the tracing that the environment names.
 * @throws Error at cold start when an endpoint and the routes table do not agree, or when the environment is not complete
 */
export const httpHandler = (endpoints: Readonly<Record<string, Endpoint>>): HttpHandler =>
  createHttpHandler(endpoints, {
    tokenVerifier: () => createTokenVerifier(functionConfig(tokenEnvironment)),
    ...(hasSecret("ORIGIN_SECRET") && { readOriginSecrets: () => readSecretVersions("ORIGIN_SECRET") }),
    tracing: tracingSteps,
  })
