import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError, KafkaJSRequestTimeoutError } from "kafkajs"
import { describe, expect, test } from "vitest"
import { isKnownUnsent, NotHandedOver } from "../../core/adapters/kafka/send-errors.ts"

const refusedBy = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable: true }) as unknown as Error)
/** The error that kafkajs throws once it has stopped trying. */
const givenUp = (cause: Error) => new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 0, retryTime: 1 })

describe("the error of a failed send", () => {
  test.each([
    [
      "records that were not passed to a broker, for any reason",
      new NotHandedOver(new KafkaJSRequestTimeoutError("timed out", {} as never)),
    ],
    ["a broker that is no longer the leader", refusedBy("NOT_LEADER_FOR_PARTITION")],
    ["too few replicas", refusedBy("NOT_ENOUGH_REPLICAS")],
    ["a topic that may not be written", refusedBy("TOPIC_AUTHORIZATION_FAILED")],
  ])("proves that nothing was appended: %s, thrown directly or as the cause of the last error", (_, error) => {
    expect([isKnownUnsent(error), error instanceof NotHandedOver || isKnownUnsent(givenUp(error))]).toEqual([true, true])
  })

  test.each([
    ["a request without an answer", new KafkaJSRequestTimeoutError("Request Produce timed out", {} as never)],
    ["a connection that broke", new KafkaJSConnectionError("Connection error: reset", { code: "ECONNRESET" })],
    ["too few replicas after the leader appended", refusedBy("NOT_ENOUGH_REPLICAS_AFTER_APPEND")],
    ["a timeout at the leader", refusedBy("REQUEST_TIMED_OUT")],
    ["a deadline of our own", new Error("The deadline of the send has passed")],
    ["a broker that refuses to name the leader, after the send", new KafkaJSConnectionError("refused", { code: "ECONNREFUSED" })],
    ["a partition without a leader, seen after the send", refusedBy("LEADER_NOT_AVAILABLE")],
    ["a topic that no longer exists, seen after the send", refusedBy("UNKNOWN_TOPIC_OR_PARTITION")],
  ])("does not show whether the record was appended: %s", (_, error) => {
    expect([isKnownUnsent(error), isKnownUnsent(givenUp(error))]).toEqual([false, false])
  })
})
