import { Sha256 } from "@aws-crypto/sha256-js"
import { SignatureV4 } from "@smithy/signature-v4"

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface BucketOptions {
  readonly bucket: string
  readonly region: string
  readonly credentials: AwsCredentials
  /** For a bucket that is not at S3's own address. */
  readonly address?: string
}

const timeoutMs = 5_000

/** Writes an object, as a new version where the bucket keeps versions. @throws Error with S3's status and answer */
export type PutObject = (key: string, body: string, contentType?: string) => Promise<void>

/**
 * Writes objects into a bucket, also one with object lock. A reader sees an object whole or not at all. AWS's own signer without
 * its client for S3: that client alone is larger than the functions that write one or two fixed keys.
 */
export function createBucket({ bucket, region, credentials, address }: BucketOptions): PutObject {
  const base = address ?? `https://${bucket}.s3.${region}.amazonaws.com`
  const sign = createS3Signer(region, credentials)
  return async (key, body, contentType) => {
    const url = new URL(`/${key}`, base)
    // S3 accepts nothing under object lock without a checksum.
    const headers = {
      "x-amz-checksum-sha256": await checksumOf(body),
      ...(contentType !== undefined && { "content-type": contentType }),
    }
    const unsigned = { method: "PUT", url, headers, body }
    const response = await fetch(url, {
      method: "PUT",
      headers: await sign(unsigned),
      body,
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) throw new Error(`S3 answered ${response.status}: ${await response.text()}`)
  }
}

export interface UnsignedRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Signs requests to S3 (AWS Signature Version 4). @returns gives the headers to send; S3 accepts the signature for 15 minutes */
export function createS3Signer(region: string, credentials: AwsCredentials) {
  // Unlike other services, S3 signs the path as it is sent, and wants the checksum of the body as a header.
  const signer = new SignatureV4({
    ...{ region, credentials, service: "s3", sha256: Sha256 },
    uriEscapePath: false,
    applyChecksum: true,
  })
  return async ({ method, url, headers, body }: UnsignedRequest, at = new Date()): Promise<Record<string, string>> => {
    const { protocol, hostname, host, pathname } = url
    const request = { method, protocol, hostname, path: pathname, headers: { ...headers, host }, body }
    const { host: _, ...signed } = (await signer.sign(request, { signingDate: at })).headers
    return signed
  }
}

async function checksumOf(body: string): Promise<string> {
  const hash = new Sha256()
  hash.update(body)
  return Buffer.from(await hash.digest()).toString("base64")
}
