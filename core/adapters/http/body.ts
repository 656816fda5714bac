import type { APIGatewayProxyEventV2 } from "aws-lambda"
import * as z from "zod"
import { problem } from "../../contracts/problems.ts"
import { RawBody } from "./endpoint.ts"
import type { Step } from "./exchange.ts"
import { parseStrictJson } from "./strict-json.ts"
import { validated } from "./validated.ts"

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** The body that an endpoint without a body schema accepts: an empty object. */
const NoBody = z.strictObject({})

/** Keeps the byte order mark: the parser must see it and refuse it. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Reads the body of a POST. Other methods have none: their body is measured and ignored. */
export const body = (): Step => ({
  before: ({ event: exchange }) => {
    const { endpoint, event } = exchange
    const sizeBytes = bodyBytes(event)
    if (sizeBytes > endpoint.maxBodyBytes) {
      throw problem("payload-too-large", { detail: `The body is limited to ${endpoint.maxBodyBytes} bytes.` })
    }
    if (endpoint.method !== "POST") return
    if (sizeBytes === 0) {
      if (endpoint.body === undefined) return
      throw problem("malformed-json", { detail: "The body is empty." })
    }
    assertJson(event.headers)
    if (endpoint.body === RawBody) {
      exchange.body = text(event)
      return
    }
    const parsed = validated(endpoint.body ?? NoBody, parseStrictJson(text(event)))
    if (endpoint.body) exchange.body = parsed
  },
})

function assertJson(headers: APIGatewayProxyEventV2["headers"]): void {
  const type = headers["content-type"] ?? ""
  const encoding = headers["content-encoding"] ?? "identity"
  if ((type !== "application/json" && !jsonType.test(type)) || encoding !== "identity") throw problem("unsupported-media-type")
}

const bodyBytes = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): number =>
  body === undefined ? 0 : Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8")

function text({ body = "", isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (!isBase64Encoded) return body
  try {
    return utf8.decode(Buffer.from(body, "base64"))
  } catch (error) {
    throw problem("malformed-json", { detail: "The body is not UTF-8." }, error)
  }
}
