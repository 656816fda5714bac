import { Sha256 } from "@aws-crypto/sha256-js"
import { SignatureV4 } from "@smithy/signature-v4"
import * as z from "zod"
import type { ConsumerState } from "../../contracts/streams.ts"
import type { AwsCredentials } from "../archive/bucket.ts"

/**
 * The consumers of our groups, which an operator may stop and start. A change begins with the call and ends later: `stateOf`
 * tells when.
 */
export interface Consumers {
  /** @throws Error when nobody here runs the group */
  stateOf(group: string): Promise<ConsumerState>
  stop(group: string): Promise<ConsumerState>
  start(group: string): Promise<ConsumerState>
}

export interface LambdaConsumersOptions {
  readonly region: string
  readonly credentials: AwsCredentials
  /** The name of the function that gets the records of a group. */
  readonly functionNameOf: (group: string) => string
  /** When the API is not at Lambda's own address. */
  readonly address?: string
}

/** What is read of an event source mapping. */
const Mapping = z.object({
  UUID: z.string(),
  /** Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting. */
  State: z.string(),
  AmazonManagedKafkaEventSourceConfig: z.object({ ConsumerGroupId: z.string() }).optional(),
})
type Mapping = z.output<typeof Mapping>
const Mappings = z.object({ EventSourceMappings: z.array(Mapping) })

const mappingsPath = "/2015-03-31/event-source-mappings"
const timeoutMs = 10_000

/**
 * The consumers of a deployed stage: the event source mapping of each group is switched off and on. Lambda needs a minute or two
 * for it, and finishes the deliveries in flight. AWS's own signer without its client for Lambda, which is many times as large as
 * these three calls.
 */
export function createLambdaConsumers({ region, credentials, functionNameOf, address }: LambdaConsumersOptions): Consumers {
  const base = address ?? `https://lambda.${region}.amazonaws.com`
  const signer = new SignatureV4({ region, credentials, service: "lambda", sha256: Sha256 })

  /** @throws Error with Lambda's status and answer */
  async function call(method: "GET" | "PUT", path: string, query: Record<string, string>, body = ""): Promise<unknown> {
    const url = new URL(path, base)
    const { protocol, hostname, host } = url
    const unsigned = { method, protocol, hostname, path, query, headers: { host, "content-type": "application/json" }, body }
    const { host: _, ...headers } = (await signer.sign(unsigned)).headers
    url.search = new URLSearchParams(query).toString()
    const answer = await fetch(url, {
      ...{ method, headers, signal: AbortSignal.timeout(timeoutMs) },
      ...(body !== "" && { body }),
    })
    if (!answer.ok) throw new Error(`Lambda answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }

  /** A function may have the mappings of several groups. */
  async function mappingOf(group: string): Promise<Mapping> {
    const FunctionName = functionNameOf(group)
    const { EventSourceMappings: known } = Mappings.parse(await call("GET", mappingsPath, { FunctionName }))
    const found = known.find(({ AmazonManagedKafkaEventSourceConfig: kafka }) => kafka?.ConsumerGroupId === group)
    if (found === undefined) throw new Error(`The function ${FunctionName} has no event source mapping of the group ${group}`)
    return found
  }

  async function enable(group: string, Enabled: boolean): Promise<ConsumerState> {
    const { UUID } = await mappingOf(group)
    return stateNamed(Mapping.parse(await call("PUT", `${mappingsPath}/${UUID}`, {}, JSON.stringify({ Enabled }))))
  }

  return {
    stateOf: async (group) => stateNamed(await mappingOf(group)),
    stop: (group) => enable(group, false),
    start: (group) => enable(group, true),
  }
}

function stateNamed({ State }: Mapping): ConsumerState {
  if (State === "Enabled") return "running"
  if (State === "Disabled") return "stopped"
  return State === "Disabling" || State === "Deleting" ? "stopping" : "starting"
}
