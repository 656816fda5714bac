import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A client of an AWS service needs these before it asks; none of them is a credential of anything. */
export const awsVariables = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" }

export interface SecretsServer {
  /** For processes of their own; this process has them already. */
  readonly variables: Readonly<Record<string, string>>
  /** Gives a secret a new value; the one before stays as its previous version. The name is the ARN. */
  put(name: string, value: string): void
  reads(): number
  goAway(): void
  comeBack(): void
  close(): Promise<void>
}

/** Speaks Secrets Manager's GetSecretValue over HTTP, to the real client of the SDK. */
export async function secretsServer(): Promise<SecretsServer> {
  const versions = new Map<string, string[]>()
  let reads = 0
  let answers = true
  const server = createServer(async (request, response) => {
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const variables = {
    ...awsVariables,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
