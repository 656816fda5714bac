import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager"

/** A version with a value that is not the current one yet, or has just become so. */
export interface PendingVersion {
  readonly value: string
  readonly createdAtMs: number
}

/** The versions of one secret, as a rotation sees them. A version is named by the token of its rotation. */
export interface SecretVersions {
  /** False while it is pending. @throws Error when it is neither current nor pending: no rotation was begun for it */
  isCurrent(token: string): Promise<boolean>
  current(): Promise<string>
  /** Undefined before it has a value. */
  pending(token: string): Promise<PendingVersion | undefined>
  put(token: string, value: string): Promise<void>
  /** Makes the version the current one; the one before becomes the previous. */
  promote(token: string): Promise<void>
}

/** The versions of a secret, in Secrets Manager. */
export function secretVersions(client: SecretsManagerClient, SecretId: string): SecretVersions {
  const labels = async () => (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {}
  return {
    async isCurrent(token) {
      const own = (await labels())[token] ?? []
      if (own.includes("AWSCURRENT")) return true
      if (own.includes("AWSPENDING")) return false
      throw new Error(`Version ${token} of ${SecretId} is not pending: no rotation was begun for it`)
    },
    async current() {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" }))
      if (SecretString === undefined) throw new Error(`The secret ${SecretId} holds no text`)
      return SecretString
    },
    async pending(token) {
      try {
        const found = await client.send(new GetSecretValueCommand({ SecretId, VersionId: token }))
        if (found.SecretString === undefined || found.CreatedDate === undefined) return undefined
        return { value: found.SecretString, createdAtMs: found.CreatedDate.getTime() }
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined
        throw error
      }
    },
    async put(token, SecretString) {
      const VersionStages = ["AWSPENDING"]
      await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken: token, SecretString, VersionStages }))
    },
    async promote(token) {
      const [current] = Object.entries(await labels()).find(([, stages]) => stages.includes("AWSCURRENT")) ?? []
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: token,
          RemoveFromVersionId: current,
        }),
      )
    },
  }
}
