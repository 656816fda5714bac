import { createBucket, type PutObject } from "../adapters/archive/bucket.ts"
import { functionConfig, roleEnvironment } from "./environment.ts"

/** Writes to a bucket as the role of this function. @param address of a bucket that is not at S3's own address */
export function openBucket(bucket: string, address?: string): PutObject {
  const role = functionConfig(roleEnvironment)
  return createBucket({
    bucket,
    ...(address !== undefined && { address }),
    region: role.AWS_REGION,
    credentials: {
      accessKeyId: role.AWS_ACCESS_KEY_ID,
      secretAccessKey: role.AWS_SECRET_ACCESS_KEY,
      ...(role.AWS_SESSION_TOKEN !== undefined && { sessionToken: role.AWS_SESSION_TOKEN }),
    },
  })
}
