import { createHash, createHmac } from "node:crypto"

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface UnsignedRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()

/**
 * The headers of a request to S3, signed (AWS Signature Version 4). By hand, because the SDK's client for S3 alone is larger than all
 * of the sweeper, and one fixed key is written.
 *
 * @param at the moment of signing; S3 takes it for 15 minutes
 */
export function signedHeaders(
  { method, url, headers, body }: UnsignedRequest,
  { credentials, region, at }: { readonly credentials: AwsCredentials; readonly region: string; readonly at: Date },
): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, "")
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": sha256(body),
    "x-amz-date": time,
    ...(credentials.sessionToken !== undefined && { "x-amz-security-token": credentials.sessionToken }),
  }
  const names = Object.keys(all).sort()
  const signed = names.join(";")
  const lines = names.map((name) => `${name}:${all[name]?.trim()}\n`).join("")
  const canonical = [method, url.pathname, url.search.slice(1), lines, signed, all["x-amz-content-sha256"]].join("\n")

  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex")
  const credential = `Credential=${credentials.accessKeyId}/${scope}`
  return { ...all, authorization: `AWS4-HMAC-SHA256 ${credential},SignedHeaders=${signed},Signature=${signature}` }
}
