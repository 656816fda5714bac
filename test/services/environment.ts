import { inject } from "vitest"
import { functionEnvironment, tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer, type TokenRequest } from "../../local/identity/issuer.ts"
import { localServer } from "./local-server.ts"
import type { TestTopics } from "./topics.ts"

export interface EnvironmentOptions {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly topics?: TestTopics
  readonly kafkaBrokers?: string
  readonly paymentApiUrl?: string
  /** Further variables, or other values. */
  readonly more?: Readonly<Record<string, string>>
}

export interface HandlerEnvironment {
  /** The variables, for separate processes (startPart). */
  readonly variables: Readonly<Record<string, string>>
  /** An access token that the handlers accept. */
  token(request: TokenRequest): Promise<string>
  /** Closes the issuer's server. */
  close(): Promise<void>
}

export const testPaymentApiKey = "sk_test_payments"
export const testWebhookSecret = "whsec_test_payments"
/** Nothing listens there: a test that pays names its own provider. */
const noPaymentApiUrl = "http://127.0.0.1:9"

const namesOf = ({ requests, events, orders, deadLetters }: TestTopics) => ({
  reservationRequests: requests,
  reservationEvents: events,
  ordersConfirmed: orders,
  deadLetters,
})

/**
 * Sets the variables of the functions in this process, and serves the keys of an issuer. Handlers read their configuration when
 * they are imported: call this first, then `await import(".../handler.ts")`.
 */
export async function handlerEnvironment(options: EnvironmentOptions): Promise<HandlerEnvironment> {
  const { kafkaBrokers, receiptKeys, stateDir } = inject("services")
  const issuer = await openIssuer({ stateDir, issuer: tokenIssuer, audience: tokenAudience })
  const server = await localServer((_, response) => response.end(JSON.stringify(issuer.jwks)))
  const variables = {
    ...functionEnvironment({
      databaseUrl: options.databaseUrl,
      redisUrl: options.redisUrl,
      kafkaBrokers: options.kafkaBrokers ?? kafkaBrokers,
      tokenJwksUri: `${server.url}/jwks.json`,
      paymentApiUrl: options.paymentApiUrl ?? noPaymentApiUrl,
      paymentReturnUrl: "https://shop.test/",
      secrets: { receiptKeys, paymentApiKey: testPaymentApiKey, paymentWebhookSecret: testWebhookSecret },
      ...(options.topics && { topics: namesOf(options.topics) }),
    }),
    LOCAL_STATE_DIR: stateDir,
    ANALYTICS_FOLDER: stateDir,
    ...options.more,
  }
  Object.assign(process.env, variables)
  return {
    variables,
    token: (request) => issuer.sign(request),
    close: server.close,
  }
}
