import type { KafkaConfig, Mechanism } from "kafkajs"
import * as z from "zod"
import { kafkaAuths } from "../../contracts/environment.ts"
import { functionConfig } from "../config.ts"
import { readSecret } from "../credentials.ts"

/** Environment of functions that talk to Kafka; AWS_REGION is Lambda's own. */
const securityEnvironment = { KAFKA_AUTH: z.enum(kafkaAuths).default("none"), AWS_REGION: z.string().default("") }

const Login = z.object({ username: z.string().min(1), password: z.string().min(1) })

/**
 * How the brokers are told who calls: by IAM or by SCRAM, both over TLS, or not at all (KAFKA_AUTH). Credentials are asked for at
 * each connection, so that neither a rotation nor a session that ends needs a restart.
 * @throws Error when KAFKA_AUTH is none of those
 */
export function kafkaSecurity(): Pick<KafkaConfig, "ssl" | "sasl"> {
  const { KAFKA_AUTH: auth, AWS_REGION: region } = functionConfig(securityEnvironment)
  if (auth === "none") return {}
  if (auth === "scram") return { ssl: true, sasl: scram }
  return { ssl: true, sasl: { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await iamToken(region) }) } }
}

/** Signed with the function's own role. The signer and what it needs are loaded only where it is used. */
async function iamToken(region: string): Promise<string> {
  const { generateAuthToken } = await import("aws-msk-iam-sasl-signer-js")
  return (await generateAuthToken({ region })).token
}

/** kafkajs' own SCRAM remembers the password it was made with; made anew for each connection, it has the secret as it is now. */
const scram: Mechanism = {
  mechanism: "scram-sha-512",
  authenticationProvider: (connection) => ({
    async authenticate() {
      const { default: scramSha512 } = await import("kafkajs/src/broker/saslAuthenticator/scram512.js")
      const login = Login.safeParse(JSON.parse(await readSecret("KAFKA_LOGIN")))
      if (!login.success) throw new Error("KAFKA_LOGIN is not JSON with username and password")
      await scramSha512(login.data)(connection).authenticate()
    },
  }),
}
