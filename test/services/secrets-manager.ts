import { localServer } from "./local-server.ts"

/** The SDK needs these variables before its first call. The credentials are valid nowhere. */
export const awsVariables = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" }

export interface SecretsServer {
  /** For separate processes; this process has them already. */
  readonly variables: Readonly<Record<string, string>>
  /** Sets a new value; the value before it becomes the previous version. The name is the ARN. */
  put(name: string, value: string): void
  reads(): number
  goAway(): void
  comeBack(): void
  close(): Promise<void>
}

/** Answers GetSecretValue of Secrets Manager over HTTP, to the real client of the SDK. */
export async function secretsServer(): Promise<SecretsServer> {
  const versions = new Map<string, string[]>()
  let reads = 0
  let answers = true
  const server = await localServer(async (request, response) => {
    reads += 1
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { SecretId = "", VersionStage } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>
    const value = versions.get(SecretId)?.at(VersionStage === "AWSPREVIOUS" ? -2 : -1)
    const found = value !== undefined && (VersionStage !== "AWSPREVIOUS" || (versions.get(SecretId)?.length ?? 0) > 1)
    response.setHeader("content-type", "application/x-amz-json-1.1")
    if (!answers) response.writeHead(400).end(JSON.stringify({ __type: "InternalServiceError" }))
    else if (found) response.end(JSON.stringify({ SecretString: value }))
    else response.writeHead(400).end(JSON.stringify({ __type: "ResourceNotFoundException" }))
  })
  const variables = {
    ...awsVariables,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
  }
  Object.assign(process.env, variables)
  return {
    variables,
    put: (name, value) => versions.set(name, [...(versions.get(name) ?? []), value]),
    reads: () => reads,
    goAway: () => {
      answers = false
    },
    comeBack: () => {
      answers = true
    },
    close: server.close,
  }
}
