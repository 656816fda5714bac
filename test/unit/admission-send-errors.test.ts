import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
} from "kafkajs"
import { describe, expect, test } from "vitest"
import { isKnownUnsent } from "../../core/adapters/kafka/send-errors.ts"

const refusedBy = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable: true }) as unknown as Error)
/** As kafkajs hands an error over once it has stopped trying. */
const givenUp = (cause: Error) => new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 0, retryTime: 1 })

describe("what kafkajs throws", () => {
  test.each([
    ["a refused connection", new KafkaJSConnectionError("Connection error: refused", { code: "ECONNREFUSED" })],
    ["a connection that was never made", new KafkaJSConnectionError("Connection timeout")],
    ["an unknown leader", Object.assign(new Error("Broker 1 not found"), { name: "KafkaJSBrokerNotFound" })],
    ["a broker that leads no longer", refusedBy("NOT_LEADER_FOR_PARTITION")],
    ["too few replicas", refusedBy("NOT_ENOUGH_REPLICAS")],
    ["a missing topic", refusedBy("UNKNOWN_TOPIC_OR_PARTITION")],
    ["a producer that another failure retired", new KafkaJSNonRetriableError("The producer is disconnected")],
  ])("proves that nothing was appended: %s, told directly or as the reason for giving up", (_, error) => {
    expect([isKnownUnsent(error), isKnownUnsent(givenUp(error))]).toEqual([true, true])
  })

  test.each([
    ["a request without an answer", new KafkaJSRequestTimeoutError("Request Produce timed out", {} as never)],
    ["a connection that broke", new KafkaJSConnectionError("Connection error: reset", { code: "ECONNRESET" })],
    ["too few replicas after the leader appended", refusedBy("NOT_ENOUGH_REPLICAS_AFTER_APPEND")],
    ["a timeout at the leader", refusedBy("REQUEST_TIMED_OUT")],
    ["a deadline of our own", new Error("The deadline of the send has passed")],
  ])("leaves it open: %s", (_, error) => {
    expect([isKnownUnsent(error), isKnownUnsent(givenUp(error))]).toEqual([false, false])
  })
})
