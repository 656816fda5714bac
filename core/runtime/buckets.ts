import { createBucket, type PutObject } from "../adapters/archive/bucket.ts"
import { openRole } from "./role.ts"

/** Writes to a bucket as the role of this function. @param address of a bucket that is not at S3's own address */
export const openBucket = (bucket: string, address?: string): PutObject =>
  createBucket({ bucket, ...(address !== undefined && { address }), ...openRole() })
