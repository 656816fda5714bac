import type { Kafka, Message, Producer, RecordMetadata } from "kafkajs"
import { withDeadline } from "../../concurrency/deadline.ts"
import { NotHandedOver } from "./send-errors.ts"

/**
 * kafkajs loads the partitions of a topic again when a send fails, and also at this interval. The load by interval fails every
 * send while one partition has no leader. So the interval is a day, and loads nearly always come from a failed send.
 */
const metadataMaxAgeMs = 24 * 60 * 60 * 1_000

/**
 * The longest wait for a broker that accepts a connection and then hangs. The next attempt begins with another broker.
 */
const maxDialMs = 2_000

/**
 * A producer with its connections. A broker works on one request of a connection at a time: a send that hangs blocks the sends
 * after it.
 */
export interface Link {
  /** True once a broker has acknowledged a send. */
  readonly hasAcknowledged: boolean
  /** @throws NotHandedOver when no broker got the messages; kafkajs' errors */
  send(messages: readonly Message[], timeoutMs: number): Promise<RecordMetadata | undefined>
  /** Closes once no send waits. */
  retire(): void
  close(): Promise<void>
}

/**
 * Connects and loads the partitions of the topic: the new link can send at once.
 * @throws kafkajs' errors, Error after `maxDialMs`
 */
export async function dial(kafka: Kafka, topic: string): Promise<Link> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => partitionOfMessage,
    retry: { retries: 0 },
    metadataMaxAge: metadataMaxAgeMs,
  })
  const dialled = (async () => {
    await producer.connect()
    // A send without messages produces nothing, but it loads the partitions and their leaders.
    await producer.send({ topic, messages: [] })
  })()
  try {
    await withDeadline(performance.now() + maxDialMs, dialled, "No broker let the producer in in time")
  } catch (error) {
    // kafkajs continues to try for a while: a connection that it makes late must be closed, too.
    dialled.catch(() => {}).then(() => disconnect(producer))
    throw error
  }
  return linkOver(producer, topic)
}

function linkOver(producer: Producer, topic: string): Link {
  let [waiting, isRetired, hasAcknowledged] = [0, false, false]
  const closeOnceIdle = () => {
    if (isRetired && waiting === 0) disconnect(producer)
  }

  return {
    get hasAcknowledged() {
      return hasAcknowledged
    },
    async send(messages, timeoutMs) {
      const watched = watch(messages)
      waiting += 1
      try {
        const timeout = Math.max(1, Math.floor(timeoutMs))
        const [result] = await producer.send({ topic, acks: -1, timeout, messages: watched.messages })
        hasAcknowledged = true
        return result
      } catch (error) {
        throw watched.isHandedOver() ? error : new NotHandedOver(error)
      } finally {
        waiting -= 1
        closeOnceIdle()
      }
    },
    retire() {
      isRetired = true
      closeOnceIdle()
    },
    close: () => producer.disconnect(),
  }
}

/**
 * Notices when kafkajs writes the messages for a broker: it reads their keys then, and not before. Its error does not show this,
 * because the error of a later load of the leaders hides the error of the send.
 */
function watch(messages: readonly Message[]): { readonly messages: Message[]; isHandedOver(): boolean } {
  let isHandedOver = false
  const [first, ...others] = messages
  if (first === undefined) return { messages: [], isHandedOver: () => false }
  const watched: Message = {
    ...first,
    get key() {
      isHandedOver = true
      return first.key ?? null
    },
  }
  return { messages: [watched, ...others], isHandedOver: () => isHandedOver }
}

const partitionOfMessage = ({ message }: { message: Message }): number => {
  if (message.partition === undefined) throw new Error("Every record names its partition")
  return message.partition
}

/** Closes a link that is no longer used. Its errors do not matter. */
function disconnect(producer: Producer): void {
  producer.disconnect().catch(() => {})
}
