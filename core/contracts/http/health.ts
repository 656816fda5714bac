import * as z from "zod"

/** GET /v1/health: the function runs. */
export const Health = z.strictObject({ status: z.literal("ok") }).meta({ id: "Health" })

const Check = z.enum(["ok", "unavailable"])

/** The dependencies of the API, and whether each answered in time. */
const DependencyChecks = z.strictObject({ postgres: Check, redis: Check, kafka: Check }).meta({ id: "DependencyChecks" })
export type DependencyChecks = z.infer<typeof DependencyChecks>

/**
 * GET /v1/ready. Without Redis the API is slower, but its answers are right. Without one of the other two it is not ready (503,
 * with the same checks).
 */
export const Readiness = z
  .strictObject({ status: z.enum(["ok", "degraded"]), checks: DependencyChecks })
  .meta({ id: "Readiness" })
