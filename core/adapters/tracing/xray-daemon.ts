import { createSocket, type Socket } from "node:dgram"
import type { Span } from "../../contracts/spans.ts"
import { logger } from "../telemetry.ts"
import type { SpanSink } from "./spans.ts"
import { xrayTraceId } from "./trace-context.ts"

/** The daemon takes a segment after this line (X-Ray developer guide, "Sending segment documents to the X-Ray daemon"). */
const daemonHeader = `{"format":"json","version":1}\n`

/** Characters that X-Ray does not take in the name of a segment. */
const notInNames = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu

/**
 * Sends each span to the X-Ray daemon, in one datagram that nothing waits for. A datagram that is lost loses one span. Attributes
 * become annotations: X-Ray finds a trace by them.
 *
 * @param address of the daemon, `host:port`
 */
export function createXRaySink(address: string, part: string): SpanSink {
  const [host = "", port = ""] = address.split(":")
  let socket: Socket | undefined
  return {
    write(span) {
      socket ??= openSocket()
      socket.send(`${daemonHeader}${JSON.stringify(segmentOf(span, part))}`, Number(port), host)
    },
  }
}

function openSocket(): Socket {
  const socket = createSocket("udp4").unref()
  socket.on("error", (error) => logger.warn("The X-Ray daemon does not take a span; it is discarded", { error }))
  return socket
}

/**
 * A segment document of X-Ray. Parts of a span are subsegments that are sent by themselves. A subsegment without its segment is
 * not shown, so the first span of a request is a segment: the client's span may not be in X-Ray.
 */
const segmentOf = (span: Omit<Span, "part">, part: string) => ({
  name: span.name.replace(notInNames, " "),
  ...(!span.is_entry && { type: "subsegment" }),
  trace_id: xrayTraceId(span.trace_id),
  id: span.span_id,
  parent_id: span.parent_id,
  start_time: span.start_ms / 1_000,
  end_time: span.end_ms / 1_000,
  annotations: { part, ...span.attributes },
})
