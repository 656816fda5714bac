import * as z from "zod"
import { newPassword } from "./password.ts"
import { parseSecret } from "./secret-json.ts"
import type { Rotation } from "./workflow.ts"

const Login = z.object({ username: z.string().min(1), password: z.string().min(1) })

const loginOf = (secret: string) => parseSecret("KAFKA_LOGIN", Login, secret)

/**
 * MSK watches the secret itself and takes the new password within ten minutes of its becoming current: it cannot be told, or asked,
 * before. Connections that are open stay; one that is made in between is refused and tried again.
 */
export const kafkaLoginRotation: Rotation = {
  next: (current) => JSON.stringify({ ...loginOf(current), password: newPassword() }),
  test({ value }, current) {
    if (loginOf(value).username !== loginOf(current).username) throw new Error("The new KAFKA_LOGIN is another user's")
  },
}
