import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { problemAnswer } from "./answer.ts"
import type { AnswerRequest } from "./answer-request.ts"
import { createBodyReader } from "./body.ts"
import { correlationIdOf } from "./correlation-id.ts"
import { type HttpRequest, type ReceivedHeaders, readHeaders, splitTarget } from "./event.ts"
import type { GatewayLimits } from "./limits.ts"
import { notHttp, refuseBody } from "./refusals.ts"
import type { Responses } from "./responses.ts"

export interface Serving {
  readonly limits: GatewayLimits
  readonly takesTestHeaders: boolean
  readonly answerRequest: AnswerRequest
  readonly responses: Responses
}

/** Reads a request to its end and sends the answer. @throws what answering throws; then nothing is sent */
export function createServeRequest({ limits, takesTestHeaders, answerRequest, responses }: Serving) {
  const bodies = createBodyReader(limits)
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = readHeaders(request.rawHeaders, takesTestHeaders)
    if (request.httpVersion === "1.1" && received.headers.host === undefined) {
      return responses.send(response, notHttp(correlationIdOf(received)))
    }
    const target = splitTarget(request.url ?? "/")
    const body = await bodies.read(request, received)
    try {
      if (body.kind === "gone") return
      if (body.kind === "body") {
        return responses.send(response, await answerRequest(httpRequest(request, target, received, body.bytes)))
      }
      const slug = body.kind === "too-large" ? "payload-too-large" : "temporarily-unavailable"
      const refusal = problemAnswer(slug, {}, correlationIdOf(received), target.path)
      await refuseBody(request, response, refusal, limits.lingerMs)
    } finally {
      bodies.release(body)
    }
  }
}

const httpRequest = (
  request: IncomingMessage,
  { path, query }: ReturnType<typeof splitTarget>,
  received: ReceivedHeaders,
  body: Buffer,
): HttpRequest => ({
  method: request.method ?? "",
  path,
  query,
  httpVersion: request.httpVersion,
  received,
  body,
  sourceIp: request.socket.remoteAddress ?? "",
  requestId: randomUUID(),
  receivedAt: new Date(),
})
