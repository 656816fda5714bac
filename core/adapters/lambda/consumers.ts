import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda"
import type { ConsumerState } from "../../contracts/streams.ts"

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
  /** The name of the function that gets the records of a group. */
  readonly functionNameOf: (group: string) => string
}

/**
 * The consumers of a deployed stage: the event source mapping of each group is switched off and on. Lambda needs a minute or two
 * for it, and finishes the deliveries in flight.
 */
export function createLambdaConsumers({ region, functionNameOf }: LambdaConsumersOptions): Consumers {
  const client = new LambdaClient({ region })

  /** A function may have the mappings of several groups, or of an alias. */
  async function mappingOf(group: string): Promise<EventSourceMappingConfiguration> {
    const FunctionName = functionNameOf(group)
    const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName }))
    const found = EventSourceMappings.find(({ AmazonManagedKafkaEventSourceConfig: kafka }) => kafka?.ConsumerGroupId === group)
    if (found === undefined) throw new Error(`The function ${FunctionName} has no event source mapping of the group ${group}`)
    return found
  }

  async function enable(group: string, Enabled: boolean): Promise<ConsumerState> {
    const { UUID } = await mappingOf(group)
    return stateNamed(await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled })))
  }

  return {
    async stateOf(group) {
      const { UUID } = await mappingOf(group)
      return stateNamed(await client.send(new GetEventSourceMappingCommand({ UUID })))
    },
    stop: (group) => enable(group, false),
    start: (group) => enable(group, true),
  }
}

/** Lambda's states of a mapping: Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting. */
function stateNamed({ State = "" }: EventSourceMappingConfiguration): ConsumerState {
  if (State === "Enabled") return "running"
  if (State === "Disabled") return "stopped"
  return State === "Disabling" || State === "Deleting" ? "stopping" : "starting"
}
