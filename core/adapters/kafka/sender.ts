import { setTimeout as delay } from "node:timers/promises"
import type { Kafka, Message, Producer } from "kafkajs"
import { isKnownUnsent } from "./send-errors.ts"

/** Between two tries of a send. */
const retryDelayMs = 50
/** No try begins with less time than this: cut short, it would turn what is certainly not in line into something nobody knows. */
const shortestTryMs = 250

/** What became of a send to one partition. */
type SendResult =
  | { readonly kind: "acknowledged"; readonly baseOffset: number }
  /** No broker appended it. */
  | { readonly kind: "unsent"; readonly error: unknown }
  /** A broker may have appended it. */
  | { readonly kind: "unknown"; readonly error: unknown }

export interface Sender {
  /** Sends messages of one partition, trying again until `endsAtMs` (performance.now()). Never throws. */
  send(messages: readonly (Message & { partition: number })[], endsAtMs: number): Promise<SendResult>
  close(): Promise<void>
}

/**
 * A kafkajs producer that ends in time: each try is bounded, and after a failure the producer is made anew, for kafkajs keeps using a
 * socket whose request has timed out. It is not idempotent: duplicates are harmless here, and retrying for ever is not.
 */
export function createSender(kafka: Kafka, topic: string): Sender {
  let connected: Promise<Producer> | undefined

  const connect = async () => {
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionOfMessage,
      retry: { retries: 0 },
    })
    await producer.connect()
    return producer
  }

  const retire = (producer: Promise<Producer>) => {
    if (connected === producer) connected = undefined
    producer.then((stale) => stale.disconnect()).catch(() => {})
  }

  return {
    async send(messages, endsAtMs) {
      let mayBeThere = false
      if (performance.now() >= endsAtMs) return { kind: "unsent", error: new Error("It waited too long for its turn") }
      for (;;) {
        if (connected === undefined) connected = connect()
        const current = connected
        let isSent = false
        try {
          const producer = await within(endsAtMs, current)
          isSent = true
          const [result] = await within(endsAtMs, producer.send({ topic, acks: -1, messages: [...messages] }))
          if (result?.baseOffset === undefined) throw new Error(`No offset was answered for ${topic}`)
          return { kind: "acknowledged", baseOffset: Number(result.baseOffset) }
        } catch (error) {
          mayBeThere ||= isSent && !isKnownUnsent(error)
          retire(current)
          if (performance.now() + retryDelayMs + shortestTryMs >= endsAtMs)
            return { kind: mayBeThere ? "unknown" : "unsent", error }
        }
        await delay(retryDelayMs)
      }
    },
    async close() {
      const producer = await connected?.catch(() => undefined)
      connected = undefined
      await producer?.disconnect()
    },
  }
}

const partitionOfMessage = ({ message }: { message: Message }): number => {
  if (message.partition === undefined) throw new Error("Every record names its partition")
  return message.partition
}

/** Settles as the promise does, or fails when its time is up; what comes later is ignored. */
async function within<T>(endsAtMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The deadline of the send has passed")), Math.max(0, endsAtMs - performance.now()))
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
