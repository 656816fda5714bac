import { problem } from "../../contracts/problems.ts"
import type { Step } from "./exchange.ts"

/** The size of all headers together, as they are sent. */
export const maxHeaderBytes = 8 * 1_024
/** Room for the longest receipt and its name. */
export const maxQueryBytes = 2_048 + 64

/** Colon, space and line end of a header line. */
const headerOverheadBytes = 4

/** Refuses headers and queries that are too large, before another step reads them. */
export const limits = (): Step => ({
  before: ({ event: { event } }) => {
    if (event.rawQueryString.length > maxQueryBytes) {
      throw problem("headers-too-large", { detail: `The query is limited to ${maxQueryBytes} bytes.` })
    }
    let bytes = 0
    for (const name in event.headers) bytes += name.length + (event.headers[name]?.length ?? 0) + headerOverheadBytes
    for (const cookie of event.cookies ?? []) bytes += cookie.length + headerOverheadBytes
    if (bytes > maxHeaderBytes) {
      throw problem("headers-too-large", { detail: `The headers are limited to ${maxHeaderBytes} bytes together.` })
    }
  },
})
