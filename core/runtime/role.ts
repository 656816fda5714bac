import type { AwsCredentials } from "../adapters/archive/bucket.ts"
import { functionConfig, roleEnvironment } from "./environment.ts"

/** The region and the credentials of this function's role, for calls that we sign ourselves. @throws Error when one is not set */
export function openRole(): { readonly region: string; readonly credentials: AwsCredentials } {
  const role = functionConfig(roleEnvironment)
  return {
    region: role.AWS_REGION,
    credentials: {
      accessKeyId: role.AWS_ACCESS_KEY_ID,
      secretAccessKey: role.AWS_SECRET_ACCESS_KEY,
      ...(role.AWS_SESSION_TOKEN !== undefined && { sessionToken: role.AWS_SESSION_TOKEN }),
    },
  }
}
