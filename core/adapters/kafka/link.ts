import type { Kafka, Message, Producer, RecordMetadata } from "kafkajs"

/**
 * kafkajs loads the partitions of a topic anew when a send fails. By the clock it would do so, too, and fail every send for as long as one
 * partition has no leader; so that the clock comes last.
 */
const metadataMaxAgeMs = 24 * 60 * 60 * 1_000

/** What became of a send that the link was retired under: it may be in the log, and should be sent again over another link. */
export class LinkRetired extends Error {
  constructor() {
    super("The link was replaced while the send was waiting")
  }
}

/** A producer with its connections. A broker works on one request of a connection at a time, so that a slow one holds up those behind it. */
export interface Link {
  readonly madeAtMs: number
  /** @throws LinkRetired, kafkajs' errors */
  send(messages: readonly Message[], timeoutMs: number): Promise<RecordMetadata | undefined>
  /** Takes no more sends and closes once none waits. With `graceMs`, those that have waited so long fail with LinkRetired. */
  retire(graceMs?: number): void
  close(): Promise<void>
}

/** Connects and loads the partitions of the topic: what a link is swapped for can send. @throws kafkajs' errors */
export async function dial(kafka: Kafka, topic: string): Promise<Link> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => partitionOfMessage,
    retry: { retries: 0 },
    metadataMaxAge: metadataMaxAgeMs,
  })
  try {
    await producer.connect()
    // Without messages nothing is produced; the partitions and their leaders are loaded all the same.
    await producer.send({ topic, messages: [] })
  } catch (error) {
    disconnect(producer)
    throw error
  }
  return linkOver(producer, topic)
}

function linkOver(producer: Producer, topic: string): Link {
  const waiting = new Set<{ readonly sentAtMs: number; readonly giveUp: () => void }>()
  let isRetired = false
  const closeOnceIdle = () => {
    if (isRetired && waiting.size === 0) disconnect(producer)
  }

  return {
    madeAtMs: performance.now(),
    async send(messages, timeoutMs) {
      const retired = Promise.withResolvers<never>()
      const send = { sentAtMs: performance.now(), giveUp: () => retired.reject(new LinkRetired()) }
      waiting.add(send)
      const sent = producer.send({ topic, acks: -1, timeout: Math.max(1, Math.floor(timeoutMs)), messages: [...messages] })
      const ended = () => {
        waiting.delete(send)
        closeOnceIdle()
      }
      sent.then(ended, ended)
      const [result] = await Promise.race([sent, retired.promise])
      return result
    },
    retire(graceMs) {
      isRetired = true
      if (graceMs !== undefined) {
        for (const { sentAtMs, giveUp } of waiting) setTimeout(giveUp, sentAtMs + graceMs - performance.now())
      }
      closeOnceIdle()
    },
    close: () => producer.disconnect(),
  }
}

const partitionOfMessage = ({ message }: { message: Message }): number => {
  if (message.partition === undefined) throw new Error("Every record names its partition")
  return message.partition
}

/** What is left of a connection that is given up is not worth an error. */
function disconnect(producer: Producer): void {
  producer.disconnect().catch(() => {})
}
