/**
 * Names of the environment that the infrastructure sets and the functions read. On AWS a secret is named by its ARN in
 * `<NAME>_SECRET_ARN` and read while the function runs; locally its value is in `<NAME>`.
 *
 * Beside these: REDIS_URL (`rediss://` where there is TLS), KAFKA_BROKERS (bootstrap string), TOKEN_ISSUER, TOKEN_JWKS_URI,
 * TOKEN_AUDIENCE (with Cognito: the ids of its app clients, comma-separated), DATABASE_POOL_SIZE, STAGE, SERVICE_NAME, LOG_LEVEL.
 */

/** The roles of database connections (core/database/roles.sql). On AWS each role has one login, which is a member of no other. */
export const databaseRoles = ["reader", "transition", "checkout", "admin", "relay", "provisioner"] as const
export type DatabaseRole = (typeof databaseRoles)[number]

/** Roles of the local run alone. On AWS another store has the place of their tables, and no login may take them. */
export type LocalRole = "analytics" | "notifier"

/**
 * The variable with the ARN of a login's secret: DATABASE_READER_SECRET_ARN, ... DATABASE_OWNER_SECRET_ARN (the provisioner
 * alone). The secret is JSON as RDS writes it: `{ username, password, host, port, dbname }`; where it lacks the last three, they
 * are in DATABASE_HOST, DATABASE_PORT and DATABASE_NAME.
 */
export const databaseSecretVariable = (login: DatabaseRole | LocalRole | "owner") => `DATABASE_${login.toUpperCase()}_SECRET_ARN`

/** The secrets that are no database logins. */
export const secretNames = [
  /** JSON `{ keys: [Ed25519 private JWKs] }`; the first signs. */
  "RECEIPT_KEYS",
  /** The provider's API key, as text. */
  "PAYMENT_API_KEY",
  /** The key with which the provider signs its calls, as text. The previous version is accepted, too. */
  "PAYMENT_WEBHOOK_SECRET",
  /** ElastiCache's auth token, as text. */
  "REDIS_AUTH_TOKEN",
  /** JSON `{ username, password }`; only with KAFKA_AUTH=scram. */
  "KAFKA_LOGIN",
  /** The value that CloudFront adds to each request as `x-origin-secret`, as text. The previous version is accepted, too. */
  "ORIGIN_SECRET",
  /** JSON `{ P0, P1, P2 }`: the key of the pager service for each priority that pages. */
  "PAGER_KEYS",
] as const
export type SecretName = (typeof secretNames)[number]

/** The variable with the ARN of a secret. */
export const secretVariable = (name: SecretName) => `${name}_SECRET_ARN`

/** How a client authenticates to the brokers (KAFKA_AUTH); `none` is plain text, for the local run. */
export const kafkaAuths = ["none", "iam", "scram"] as const

/**
 * What a consumer does with a delivery that it could not finish. Mappings with pollers of their own read in the answer the first
 * record of each partition that is delivered again. On-demand mappings do not read the answer: the function throws, and Lambda
 * delivers the whole batch again.
 */
export const unfinishedDeliveries = { variable: "UNFINISHED_DELIVERIES", reported: "reported", thrown: "thrown" } as const

/** The kind of access tokens that are accepted (TOKEN_KIND). Cognito's tokens name the app client instead of an audience. */
export const tokenKinds = ["oidc", "cognito"] as const

/** The header in which CloudFront proves that a request came through it. */
export const originSecretHeader = "x-origin-secret"

/** The identifier of Cognito's resource server: a scope arrives as `flash-sale/sales:admin`. */
export const scopeServer = "flash-sale"

/**
 * Cognito's groups: the tier or the scope of a member. A member of several groups has the lowest of their tiers and all scopes.
 */
export const userGroups = {
  suspected: { tier: 1, scopes: [] },
  new: { tier: 2, scopes: [] },
  verified: { tier: 3, scopes: [] },
  premium: { tier: 4, scopes: [] },
  "sale-operators": { scopes: ["sales:admin"] },
  "batch-sellers": { scopes: ["reservations:batch"] },
} as const satisfies Record<string, { readonly tier?: 1 | 2 | 3 | 4; readonly scopes: readonly string[] }>

/**
 * The name of the database in which processes run their hot paths before they serve. It is beside the sale's database, has the
 * same tables, functions and roles, and no sale of the shop.
 */
export const warmUpDatabaseOf = (database: string): string => `${database}_warm_up`
