import { createHash } from "node:crypto"
import * as z from "zod"
import { functionConfig } from "../config.ts"
import { signedHeaders } from "./signature.ts"

/**
 * Where the heads of the ledger are kept out of everybody's reach (a bucket with object lock); absent in the local run.
 * LEDGER_ARCHIVE_URL is only for a bucket that is not at S3's own address.
 */
export const archiveEnvironment = { LEDGER_ARCHIVE_BUCKET: z.string().optional(), LEDGER_ARCHIVE_URL: z.url().optional() }

/** Lambda's own variables: the function's role, renewed with each environment. */
const roleEnvironment = {
  AWS_REGION: z.string(),
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  AWS_SESSION_TOKEN: z.string().optional(),
}

const timeoutMs = 5_000

export type PutObject = (key: string, body: string) => Promise<void>

/** Writes objects into a bucket, each as a new version. @throws Error with S3's status and answer */
export function createBucket(bucket: string, address?: string): PutObject {
  const role = functionConfig(roleEnvironment)
  const base = address ?? `https://${bucket}.s3.${role.AWS_REGION}.amazonaws.com`
  const credentials = {
    accessKeyId: role.AWS_ACCESS_KEY_ID,
    secretAccessKey: role.AWS_SECRET_ACCESS_KEY,
    ...(role.AWS_SESSION_TOKEN !== undefined && { sessionToken: role.AWS_SESSION_TOKEN }),
  }
  return async (key, body) => {
    const url = new URL(`/${key}`, base)
    // S3 takes nothing under object lock without a checksum.
    const checksum = createHash("sha256").update(body).digest("base64")
    const unsigned = { method: "PUT", url, headers: { "x-amz-checksum-sha256": checksum }, body }
    const { host: _, ...headers } = signedHeaders(unsigned, { credentials, region: role.AWS_REGION, at: new Date() })
    const response = await fetch(url, { method: "PUT", headers, body, signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new Error(`S3 answered ${response.status}: ${await response.text()}`)
  }
}
