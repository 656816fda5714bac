import type { Kafka, Message, Producer, RecordMetadata } from "kafkajs"
import { withDeadline } from "../../concurrency/deadline.ts"
import { NotHandedOver } from "./send-errors.ts"

/**
 * kafkajs loads the partitions of a topic anew when a send fails. By the clock it would do so, too, and fail every send for as
 * long as one partition has no leader; so that the clock comes last.
 */
const metadataMaxAgeMs = 24 * 60 * 60 * 1_000

/**
 * A broker that accepts a connection and then says nothing costs no more than this; the next attempt begins with another broker.
 */
const maxDialMs = 2_000

/**
 * A producer with its connections. A broker works on one request of a connection at a time: a send that hangs holds up those
 * behind it.
 */
export interface Link {
  /** True once a broker has acknowledged a send. */
  readonly hasAcknowledged: boolean
  /** @throws NotHandedOver when no broker was given the messages; kafkajs' errors */
  send(messages: readonly Message[], timeoutMs: number): Promise<RecordMetadata | undefined>
  /** Closes once no send waits. */
  retire(): void
  close(): Promise<void>
}

/**
 * Connects and loads the partitions of the topic: what a link is swapped for can send.
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
    // Without messages nothing is produced; the partitions and their leaders are loaded all the same.
    await producer.send({ topic, messages: [] })
  })()
  try {
    await withDeadline(performance.now() + maxDialMs, dialled, "No broker let the producer in in time")
  } catch (error) {
    // kafkajs goes on trying for a while: what it connects late must be closed, too.
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
 * Notices when kafkajs writes the messages for a broker: it reads their keys then, and not before. Its error does not tell,
 * because one of loading the leaders anew hides that of the send before it.
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

/** What is left of a connection that is given up is not worth an error. */
function disconnect(producer: Producer): void {
  producer.disconnect().catch(() => {})
}
