import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { type SecretName, secretVariable } from "../contracts/environment.ts"

/** How long a secret is believed before it is read again: a rotation needs no restart. */
export const secretTtlMs = 60_000

/** Secrets Manager's labels: what is valid now, and what was before the last rotation. */
type Version = "AWSCURRENT" | "AWSPREVIOUS"

let client: SecretsManagerClient | undefined
const cached = new Map<string, { readonly value: Promise<string>; readonly readAtMs: number }>()

/** Whether the environment names the secret at all. */
export const hasSecret = (name: SecretName): boolean =>
  process.env[secretVariable(name)] !== undefined || process.env[name] !== undefined

/**
 * The one place that reads credentials: Secrets Manager when `<NAME>_SECRET_ARN` is set (on AWS), the variable `<NAME>` otherwise (locally).
 * @throws Error when neither is set or Secrets Manager does not answer.
 */
export async function readSecret(name: SecretName | "DATABASE_URL"): Promise<string> {
  const arn = name === "DATABASE_URL" ? undefined : process.env[secretVariable(name)]
  if (arn !== undefined) return secretAt(arn)
  const value = process.env[name]
  if (value === undefined) throw new Error(`Neither ${name}_SECRET_ARN nor ${name} is set`)
  return value
}

/** The secret, and the one before it where there was one: both are honoured while a rotation is under way. @throws as readSecret */
export async function readSecretVersions(name: SecretName): Promise<readonly string[]> {
  const arn = process.env[secretVariable(name)]
  if (arn === undefined) return [await readSecret(name)]
  const versions = await Promise.all([secretAt(arn), secretAt(arn, "AWSPREVIOUS")])
  return versions.filter((version) => version !== "")
}

/**
 * The text of a secret. While Secrets Manager does not answer, what it said last is believed on.
 * @returns "" where there is no previous version. @throws Error when it never answered
 */
export function secretAt(arn: string, version: Version = "AWSCURRENT"): Promise<string> {
  const key = `${arn} ${version}`
  const known = cached.get(key)
  if (known && Date.now() - known.readAtMs < secretTtlMs) return known.value
  const value = fetchSecret(arn, version).catch((error: unknown) => {
    if (known !== undefined) return known.value
    cached.delete(key)
    throw error
  })
  cached.set(key, { value, readAtMs: Date.now() })
  return value
}

async function fetchSecret(arn: string, version: Version): Promise<string> {
  client ??= new SecretsManagerClient({})
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: version }))
    if (SecretString === undefined) throw new Error(`The secret ${arn} holds no text`)
    return SecretString
  } catch (error) {
    if (version === "AWSPREVIOUS" && error instanceof ResourceNotFoundException) return ""
    throw error
  }
}
