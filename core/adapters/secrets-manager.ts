import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"

/** How long the value of a secret is used before it is read again; so a rotation needs no restart. */
export const secretTtlMs = 60_000

/** Secrets Manager's labels: the valid version, and the version before the last rotation. */
type Version = "AWSCURRENT" | "AWSPREVIOUS"

let client: SecretsManagerClient | undefined
const cached = new Map<string, { readonly value: Promise<string>; readonly readAtMs: number }>()

/**
 * The text of a secret. While Secrets Manager does not answer, the last value that it returned stays in use.
 * @returns "" where there is no previous version @throws Error when Secrets Manager has never answered
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
