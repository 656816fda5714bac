import { requestsTopicOf, type TopicKey, topics } from "../core/contracts/topics.ts"
import { topicArnOf } from "./alarms/topic-message.ts"
import { userDirectoryPath } from "./identity/user-route.ts"
import { functionLogin, postgresUrl } from "./services/data-services.ts"
import { kafkaNodeNames } from "./services/kafka.ts"
import type { Secrets } from "./services/secrets.ts"
import type { StateFolder } from "./services/state-folder.ts"

/** The issuer's name does not contain the port: user ids are derived from the name and must stay when the port changes. */
export const tokenIssuer = "https://identity.flash-sale.local"
export const tokenAudience = "flash-sale"
/** The sender of local mails. The domain exists on no network. */
const mailSender = "shop@flash-sale.local"

/** The part that receives the mails. */
export const mailServerPart = "mail-server"
/** The part that evaluates the alarms, calls the pager, and stands for the pager services. */
export const alarmsPart = "alarms"

/** The services that the functions connect to. */
export interface Connections {
  /** The URL of the login that may take every role. */
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Separated by commas. */
  readonly kafkaBrokers: string
  readonly tokenJwksUri: string
  readonly paymentApiUrl: string
  /** The shop's own address, to which the provider sends shoppers back. */
  readonly paymentReturnUrl: string
  readonly secrets: Pick<Secrets, "receiptKeys" | "paymentApiKey" | "paymentWebhookSecret">
  /** What the notifier needs; without it, it sends nothing. */
  readonly mail?: { readonly smtpUrl: string; readonly shopUrl: string; readonly identityUrl: string }
  /** Topics that have other names than in the table. */
  readonly topics?: Readonly<Partial<Record<TopicKey, string>>>
  /** 1 if it is not given. */
  readonly requestsGeneration?: number
}

/** What says to the functions which generation of the requests is in force. @param first the name of the first one */
export const requestsVariables = (generation: number, first?: string): Record<string, string> => ({
  REQUESTS_TOPIC: requestsTopicOf(generation, first),
  REQUESTS_GENERATION: String(generation),
})

/** The environment of the functions, which CDK and Secrets Manager set on AWS. Every local process gets all of it. */
export const functionEnvironment = (connections: Connections): Record<string, string> => ({
  STAGE: "local",
  // One gateway serves every checkout: with fewer connections the checkouts would wait for each other before they wait for the
  // provider.
  DATABASE_POOL_SIZE: "8",
  LOG_LEVEL: "INFO",
  DATABASE_URL: connections.databaseUrl,
  REDIS_URL: connections.redisUrl,
  KAFKA_BROKERS: connections.kafkaBrokers,
  ...requestsVariables(connections.requestsGeneration ?? 1, connections.topics?.reservationRequests),
  EVENTS_TOPIC: connections.topics?.reservationEvents ?? topics.reservationEvents.name,
  ORDERS_TOPIC: connections.topics?.ordersConfirmed ?? topics.ordersConfirmed.name,
  DEAD_LETTERS_TOPIC: connections.topics?.deadLetters ?? topics.deadLetters.name,
  TOKEN_ISSUER: tokenIssuer,
  TOKEN_AUDIENCE: tokenAudience,
  TOKEN_JWKS_URI: connections.tokenJwksUri,
  RECEIPT_KEYS: connections.secrets.receiptKeys,
  PAYMENT_API_KEY: connections.secrets.paymentApiKey,
  PAYMENT_WEBHOOK_SECRET: connections.secrets.paymentWebhookSecret,
  PAYMENT_API_URL: connections.paymentApiUrl,
  PAYMENT_RETURN_URL: connections.paymentReturnUrl,
  ...(connections.mail && mailEnvironment(connections.mail)),
})

const mailEnvironment = ({ smtpUrl, shopUrl, identityUrl }: NonNullable<Connections["mail"]>) => ({
  MAIL_FROM: mailSender,
  SMTP_URL: smtpUrl,
  SHOP_URL: shopUrl,
  CATALOGUE_URL: shopUrl,
  USER_POOL_ID: "local",
  IDENTITY_URL: identityUrl,
})

/** Whom local alarms page: the stand-in, in the form of PagerDuty and of Opsgenie. */
const alarmEnvironment = (url: string) => ({
  ALARMS_URL: url,
  PAGERS: JSON.stringify({
    [topicArnOf("P0")]: { priority: "P0", service: "pagerduty", url: `${url}/v2/enqueue` },
    [topicArnOf("P1")]: { priority: "P1", service: "pagerduty", url: `${url}/v2/enqueue` },
    [topicArnOf("P2")]: { priority: "P2", service: "opsgenie", url: `${url}/v2/alerts` },
  }),
  PAGER_KEYS: JSON.stringify({ P0: "local", P1: "local", P2: "local" }),
})

export const saleDatabase = "flash_sale"

/** The environment of every process of a system, from its state folder. Its commands and its rehearsal use it too. */
export function systemEnvironment(folder: StateFolder, httpPort: number): Record<string, string> {
  const { ports, brokers = 1, requestsGeneration = 1 } = folder.read()
  const secrets = folder.secrets()
  const port = (name: string) => ports[name] ?? 0
  const baseUrl = `http://127.0.0.1:${httpPort}`
  return {
    ...functionEnvironment({
      databaseUrl: postgresUrl(functionLogin, secrets.databasePassword, port("postgres"), saleDatabase),
      redisUrl: `redis://127.0.0.1:${port("redis")}`,
      kafkaBrokers: kafkaNodeNames(brokers)
        .map((name) => `127.0.0.1:${port(name)}`)
        .join(","),
      tokenJwksUri: `${baseUrl}/local/jwks.json`,
      paymentApiUrl: `http://127.0.0.1:${port("payment-provider")}`,
      paymentReturnUrl: `${baseUrl}/`,
      secrets,
      requestsGeneration,
      mail: {
        smtpUrl: `smtp://127.0.0.1:${port(mailServerPart)}`,
        shopUrl: baseUrl,
        identityUrl: `${baseUrl}${userDirectoryPath}`,
      },
    }),
    ...alarmEnvironment(`http://127.0.0.1:${port(alarmsPart)}`),
    LOCAL_STATE_DIR: folder.dir,
    TRACES_DIR: folder.path("traces"),
    ANALYTICS_FOLDER: folder.dir,
    BASE_URL: baseUrl,
    FLASH_SALE_URL: baseUrl,
  }
}
