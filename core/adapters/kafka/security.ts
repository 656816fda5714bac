import type { Mechanism } from "kafkajs"
import * as z from "zod"
import type { kafkaAuths } from "../../contracts/environment.ts"
import type { KafkaSecurity } from "./client.ts"

export interface KafkaAuthOptions {
  readonly auth: (typeof kafkaAuths)[number]
  /** The region of the brokers, for IAM. */
  readonly region: string
  /** The login for SCRAM, JSON `{ username, password }`; read for each connection. */
  readonly readLogin: () => Promise<string>
}

const Login = z.object({ username: z.string().min(1), password: z.string().min(1) })

/**
 * How a client authenticates to the brokers: by IAM or by SCRAM, both over TLS, or not at all. It reads the credentials for each
 * connection: neither a rotation nor the end of a session needs a restart.
 */
export function kafkaSecurity({ auth, region, readLogin }: KafkaAuthOptions): KafkaSecurity {
  if (auth === "none") return {}
  if (auth === "scram") return { ssl: true, sasl: scramWith(readLogin) }
  return { ssl: true, sasl: { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await iamToken(region) }) } }
}

/** Signed with the function's own role. The signer and its dependencies are loaded only where they are used. */
async function iamToken(region: string): Promise<string> {
  const { generateAuthToken } = await import("aws-msk-iam-sasl-signer-js")
  return (await generateAuthToken({ region })).token
}

/** kafkajs' own SCRAM keeps its first password. It is made again for each connection, and so uses the present secret. */
const scramWith = (readLogin: () => Promise<string>): Mechanism => ({
  mechanism: "scram-sha-512",
  authenticationProvider: (connection) => ({
    async authenticate() {
      const { default: scramSha512 } = await import("kafkajs/src/broker/saslAuthenticator/scram512.js")
      const login = Login.safeParse(JSON.parse(await readLogin()))
      if (!login.success) throw new Error("KAFKA_LOGIN is not JSON with username and password")
      await scramSha512(login.data)(connection).authenticate()
    },
  }),
})
