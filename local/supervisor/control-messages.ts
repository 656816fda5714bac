import { relative } from "node:path"
import { z } from "zod"
import type { StateFolder } from "../services/state-folder.ts"

/** What a command of this machine may ask the supervisor: one JSON object a line, over a socket that only its owner opens. */
export const ControlRequest = z.discriminatedUnion("command", [
  z.strictObject({ command: z.literal("status") }),
  /** Provisions a generation of the requests, and starts the parts that use it anew with it, one after the other. */
  z.strictObject({ command: z.literal("use-generation"), generation: z.int().min(1) }),
  z.strictObject({ command: z.literal("stop-part"), part: z.string() }),
  z.strictObject({
    command: z.literal("start-part"),
    part: z.string(),
    /** Slows a consumer down: it waits so long before each delivery. For demonstrations. */
    delivery_delay_ms: z.int().min(0).max(10_000).optional(),
  }),
])
export type ControlRequest = z.output<typeof ControlRequest>

export const PartState = z.enum(["starting", "running", "stopping", "stopped"])
export type PartState = z.output<typeof PartState>

/** The states of the parts that an operator may stop, after the change has begun. */
export const ControlAnswer = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    parts: z.array(z.strictObject({ part: z.string(), state: PartState })),
    /** The generation of the requests; `failed` says why the last switch to another one did not end. */
    generation: z.strictObject({ in_force: z.int(), is_switching: z.boolean(), failed: z.string().optional() }),
  }),
  z.strictObject({ ok: z.literal(false), error: z.string() }),
])
export type ControlAnswer = z.output<typeof ControlAnswer>

/**
 * The path of the supervisor's socket, from the root or from the working directory: the shorter one, because the operating system
 * takes only about a hundred bytes.
 */
export function controlSocket(folder: StateFolder): string {
  const path = folder.path("run", "control.sock")
  const fromHere = relative(process.cwd(), path)
  return fromHere.length < path.length ? fromHere : path
}
