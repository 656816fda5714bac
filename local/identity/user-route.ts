import { z } from "zod"
import { isUuid } from "../../core/domain/ids.ts"
import type { LocalRoute } from "../gateway/local-routes.ts"
import { localShopper } from "./shoppers.ts"

/** The path of the address that functions use in place of Cognito's own; its client ends paths with a slash. */
export const userDirectoryPath = "/local/cognito/"

const AdminGetUser = z.object({ UserPoolId: z.string().min(1), Username: z.string().min(1).max(128) })

const headers = { "content-type": "application/x-amz-json-1.1", "cache-control": "no-store" }

/** Cognito's AdminGetUser, as the client of AWS calls it. Every user exists here. */
export const userRoute: LocalRoute = {
  method: "POST",
  path: userDirectoryPath,
  async answer(body) {
    const request = AdminGetUser.safeParse(jsonOf(body))
    if (!request.success) return failure("InvalidParameterException", "AdminGetUser needs UserPoolId and Username")
    const { Username } = request.data
    if (!isUuid(Username)) return failure("UserNotFoundException", "User does not exist.")
    const { email, ...attributes } = localShopper(Username)
    const values = { sub: Username, ...attributes, ...(email !== undefined && { email, email_verified: "true" }) }
    const UserAttributes = Object.entries(values).map(([Name, Value]) => ({ Name, Value }))
    return {
      statusCode: 200,
      headers,
      body: JSON.stringify({ Username, Enabled: true, UserStatus: "CONFIRMED", UserAttributes }),
    }
  },
}

const failure = (__type: string, message: string) => ({ statusCode: 400, headers, body: JSON.stringify({ __type, message }) })

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"))
  } catch {
    return undefined
  }
}
