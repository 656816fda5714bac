import { setTimeout as delay } from "node:timers/promises"
import { failed } from "./command-context.ts"
import { createProgram } from "./program.ts"

/** How long the CLI waits for its connections to close. */
const closeWithinMs = 1_000

const { program, close } = createProgram()
try {
  await program.parseAsync()
} catch (error) {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  console.error(`ops: ${cause instanceof Error ? `${message} (${cause.message})` : message}`)
  process.exitCode = failed
}
// A connection that does not close, because its server hangs, must not keep the process alive. A long answer is written before
// the process ends.
await Promise.race([close().catch(() => {}), delay(closeWithinMs)])
process.stdout.write("", () => process.exit())
