import { json } from "node:stream/consumers"
import { localServer } from "./local-server.ts"
import { awsVariables } from "./secrets-manager.ts"

interface Version {
  value?: string
  readonly createdAtMs: number
  readonly labels: Set<string>
}

type Request = Readonly<
  Record<"SecretId" | "ClientRequestToken" | "SecretString" | "VersionStage" | "VersionId", string | undefined>
> & {
  readonly MoveToVersionId?: string
  readonly RemoveFromVersionId?: string
}

export interface RotatingSecrets {
  readonly variables: Readonly<Record<string, string>>
  /** A secret with a current value. */
  put(arn: string, value: string): void
  /** As Secrets Manager does before the first step: adds a pending version without a value. */
  begin(arn: string, token: string): void
  /** The value under a label, AWSCURRENT for instance. */
  valueOf(arn: string, label: string): string | undefined
  /** The actions that changed a secret, in order. */
  readonly changes: string[]
  close(): Promise<void>
}

/** Answers the calls of a rotation to Secrets Manager, from the real client of the SDK, with versions and their labels. */
export async function rotatingSecrets(): Promise<RotatingSecrets> {
  const secrets = new Map<string, Map<string, Version>>()
  const changes: string[] = []
  const withLabel = (arn: string, label: string) => [...(secrets.get(arn) ?? [])].find(([, { labels }]) => labels.has(label))

  const answers: Record<string, (versions: Map<string, Version>, request: Request) => object | undefined> = {
    DescribeSecret: (versions) => ({
      VersionIdsToStages: Object.fromEntries([...versions].map(([id, { labels }]) => [id, [...labels]])),
    }),
    GetSecretValue(versions, { SecretId = "", VersionId, VersionStage = "AWSCURRENT" }) {
      const version = VersionId === undefined ? withLabel(SecretId, VersionStage)?.[1] : versions.get(VersionId)
      if (version?.value === undefined) return undefined
      return { SecretString: version.value, CreatedDate: version.createdAtMs / 1_000 }
    },
    PutSecretValue(versions, { ClientRequestToken = "", SecretString = "" }) {
      const version = versions.get(ClientRequestToken)
      if (version === undefined || version.value !== undefined) return undefined
      version.value = SecretString
      return {}
    },
    UpdateSecretVersionStage(versions, { VersionStage = "", MoveToVersionId = "", RemoveFromVersionId = "" }) {
      const [from, to] = [versions.get(RemoveFromVersionId), versions.get(MoveToVersionId)]
      if (!from?.labels.delete(VersionStage) || to === undefined) return undefined
      for (const { labels } of versions.values()) labels.delete("AWSPREVIOUS")
      from.labels.add("AWSPREVIOUS")
      to.labels.add(VersionStage)
      return {}
    },
  }
  const server = await localServer(async (message, response) => {
    const action = String(message.headers["x-amz-target"]).split(".")[1] ?? ""
    const request = (await json(message)) as Request
    const versions = secrets.get(request.SecretId ?? "")
    const answer = versions && answers[action]?.(versions, request)
    response.setHeader("content-type", "application/x-amz-json-1.1")
    if (answer) {
      if (/^(Put|Update)/.test(action)) changes.push(action)
      response.end(JSON.stringify(answer))
    } else response.writeHead(400).end(JSON.stringify({ __type: "ResourceNotFoundException" }))
  })
  return {
    variables: {
      ...awsVariables,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
    },
    put: (arn, value) => secrets.set(arn, new Map([["first", { value, createdAtMs: 0, labels: new Set(["AWSCURRENT"]) }]])),
    begin: (arn, token) => secrets.get(arn)?.set(token, { createdAtMs: Date.now(), labels: new Set(["AWSPENDING"]) }),
    valueOf: (arn, label) => withLabel(arn, label)?.[1].value,
    changes,
    close: server.close,
  }
}
