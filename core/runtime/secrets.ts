import { secretAt } from "../adapters/secrets-manager.ts"
import { type SecretName, secretVariable } from "../contracts/environment.ts"
import { variable } from "./environment.ts"

/** Whether the environment names the secret. */
export const hasSecret = (name: SecretName): boolean =>
  variable(secretVariable(name)) !== undefined || variable(name) !== undefined

/**
 * The only reader of credentials: Secrets Manager when `<NAME>_SECRET_ARN` is set (on AWS), otherwise the variable `<NAME>`
 * (locally).
 * @throws Error when neither is set, or when Secrets Manager does not answer
 */
export async function readSecret(name: SecretName | "DATABASE_URL"): Promise<string> {
  const arn = name === "DATABASE_URL" ? undefined : variable(secretVariable(name))
  if (arn !== undefined) return secretAt(arn)
  const value = variable(name)
  if (value === undefined) throw new Error(`Neither ${name}_SECRET_ARN nor ${name} is set`)
  return value
}

/**
 * The secret, and the version before it if there was one: both are valid during a rotation.
 * @throws Error as readSecret
 */
export async function readSecretVersions(name: SecretName): Promise<readonly string[]> {
  const arn = variable(secretVariable(name))
  if (arn === undefined) return [await readSecret(name)]
  const versions = await Promise.all([secretAt(arn), secretAt(arn, "AWSPREVIOUS")])
  return versions.filter((version) => version !== "")
}
