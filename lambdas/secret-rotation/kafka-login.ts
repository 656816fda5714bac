import * as z from "zod"
import { newPassword } from "./password.ts"
import { parseSecret } from "./secret-json.ts"
import type { Rotation } from "./workflow.ts"

const Login = z.object({ username: z.string().min(1), password: z.string().min(1) })

const loginOf = (secret: string) => parseSecret("KAFKA_LOGIN", Login, secret)

/**
 * MSK watches the secret itself and accepts the new password within ten minutes after it becomes current. No API can set it
 * earlier or report its state. Open connections stay; a connection made in between is refused, and its client tries again.
 */
export const kafkaLoginRotation: Rotation = {
  next: (current) => JSON.stringify({ ...loginOf(current), password: newPassword() }),
  test({ value }, current) {
    if (loginOf(value).username !== loginOf(current).username)
      throw new Error("The new KAFKA_LOGIN has another username; a rotation may change only the password")
  },
}
