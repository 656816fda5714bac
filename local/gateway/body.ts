import type { IncomingMessage } from "node:http"
import type { ReceivedHeaders } from "./event.ts"
import type { GatewayLimits } from "./limits.ts"

type ReceivedBody =
  | { readonly kind: "body"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** The bodies of all requests together have reached their limit. */
  | { readonly kind: "no-room" }
  /** The client has disconnected, or was disconnected because it was slow. */
  | { readonly kind: "gone" }

/** Reads bodies within the gateway's limits, and counts the memory of all bodies together. */
export interface BodyReader {
  read(request: IncomingMessage, received: ReceivedHeaders): Promise<ReceivedBody>
  /** Releases the memory of a body. The caller calls it when the request is answered. */
  release(body: ReceivedBody): void
}

const empty = { kind: "body", bytes: Buffer.alloc(0) } as const

export function createBodyReader({ maxBodyBytes, maxBufferedBytes }: GatewayLimits): BodyReader {
  let bufferedBytes = 0

  return {
    release(body) {
      if (body.kind === "body") bufferedBytes -= body.bytes.length
    },
    read(request, { headers, hasTransferEncoding }) {
      const { "content-length": length } = headers
      if (length === undefined && !hasTransferEncoding) return Promise.resolve(empty)
      if (Number(length ?? 0) > maxBodyBytes) return Promise.resolve({ kind: "too-large" })

      return new Promise<ReceivedBody>((resolve) => {
        const chunks: Buffer[] = []
        let bytes = 0
        const giveUp = (kind: "too-large" | "no-room" | "gone") => {
          bufferedBytes -= bytes
          request.removeListener("data", collect).removeListener("end", finish).removeListener("close", disappear)
          resolve({ kind })
        }
        const collect = (chunk: Buffer) => {
          chunks.push(chunk)
          bytes += chunk.length
          bufferedBytes += chunk.length
          if (bytes > maxBodyBytes) giveUp("too-large")
          else if (bufferedBytes > maxBufferedBytes) giveUp("no-room")
        }
        const finish = () => {
          request.removeListener("close", disappear)
          resolve({ kind: "body", bytes: Buffer.concat(chunks, bytes) })
        }
        const disappear = () => giveUp("gone")
        request.on("data", collect).on("end", finish).on("close", disappear)
        // The close event follows. Without a listener the error would end the process.
        request.on("error", () => {})
      })
    },
  }
}
