import * as z from "zod"
import type { ConsumerState } from "../../contracts/streams.ts"
import { createLambdaApi, type LambdaApiOptions } from "./lambda-api.ts"

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

export interface LambdaConsumersOptions extends LambdaApiOptions {
  /** The name of the function that gets the records of a group. */
  readonly functionNameOf: (group: string) => string
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

/**
 * The consumers of a deployed stage: the event source mapping of each group is switched off and on. Lambda needs a minute or two
 * for it, and finishes the deliveries in flight.
 */
export function createLambdaConsumers({ functionNameOf, ...api }: LambdaConsumersOptions): Consumers {
  const call = createLambdaApi(api)

  /** A function may have the mappings of several groups. */
  async function mappingOf(group: string): Promise<Mapping> {
    const FunctionName = functionNameOf(group)
    const { EventSourceMappings: known } = Mappings.parse(
      await call({ method: "GET", path: mappingsPath, query: { FunctionName } }),
    )
    const found = known.find(({ AmazonManagedKafkaEventSourceConfig: kafka }) => kafka?.ConsumerGroupId === group)
    if (found === undefined) throw new Error(`The function ${FunctionName} has no event source mapping of the group ${group}`)
    return found
  }

  async function enable(group: string, Enabled: boolean): Promise<ConsumerState> {
    const { UUID } = await mappingOf(group)
    return stateNamed(Mapping.parse(await call({ method: "PUT", path: `${mappingsPath}/${UUID}`, body: { Enabled } })))
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
