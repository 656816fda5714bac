import { topics } from "../core/contracts/topics.ts"
import type { Secrets } from "./services/secrets.ts"

/** The issuer's name does not hold the port: ids of users are made from it and must outlive a change of port. */
export const tokenIssuer = "https://identity.flash-sale.local"
export const tokenAudience = "flash-sale"

/** What the functions are connected to. */
export interface Connections {
  /** With the login that may take every role. */
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Separated by commas. */
  readonly kafkaBrokers: string
  readonly tokenJwksUri: string
  readonly paymentApiUrl: string
  readonly secrets: Pick<Secrets, "receiptKeys" | "paymentApiKey">
  readonly requestsTopic?: string
  readonly eventsTopic?: string
}

/** The environment of the functions: what CDK and Secrets Manager give them on AWS. Every local process gets all of it. */
export const functionEnvironment = (connections: Connections): Record<string, string> => ({
  STAGE: "local",
  LOG_LEVEL: "INFO",
  DATABASE_URL: connections.databaseUrl,
  REDIS_URL: connections.redisUrl,
  KAFKA_BROKERS: connections.kafkaBrokers,
  REQUESTS_TOPIC: connections.requestsTopic ?? topics.reservationRequests.name,
  EVENTS_TOPIC: connections.eventsTopic ?? topics.reservationEvents.name,
  TOKEN_ISSUER: tokenIssuer,
  TOKEN_AUDIENCE: tokenAudience,
  TOKEN_JWKS_URI: connections.tokenJwksUri,
  RECEIPT_KEYS: connections.secrets.receiptKeys,
  PAYMENT_API_KEY: connections.secrets.paymentApiKey,
  PAYMENT_API_URL: connections.paymentApiUrl,
  // The tracer has no daemon to talk to here.
  POWERTOOLS_TRACE_ENABLED: "false",
})
