import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"

/** The secrets the functions use. */
export type SecretName = "DATABASE_URL" | "RECEIPT_KEYS" | "PAYMENT_API_KEY"

/** How long a secret is believed before it is read again: a rotation needs no restart. */
const secretTtlMs = 60_000

let client: SecretsManagerClient | undefined
const cached = new Map<string, { value: Promise<string>; readAtMs: number }>()

/**
 * The one place that reads credentials: Secrets Manager when `<NAME>_SECRET_ARN` is set (on AWS), the variable `<NAME>` otherwise (locally).
 * @throws Error when neither is set or Secrets Manager does not answer.
 */
export function readSecret(name: SecretName): Promise<string> {
  const arn = process.env[`${name}_SECRET_ARN`]
  if (arn === undefined) {
    const value = process.env[name]
    return value === undefined
      ? Promise.reject(new Error(`Neither ${name}_SECRET_ARN nor ${name} is set`))
      : Promise.resolve(value)
  }
  const known = cached.get(arn)
  if (known && Date.now() - known.readAtMs < secretTtlMs) return known.value
  const value = fetchSecret(arn)
  cached.set(arn, { value, readAtMs: Date.now() })
  value.catch(() => cached.delete(arn))
  return value
}

async function fetchSecret(arn: string): Promise<string> {
  client ??= new SecretsManagerClient({})
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
  if (SecretString === undefined) throw new Error(`The secret ${arn} holds no text`)
  return SecretString
}
