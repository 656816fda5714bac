import * as z from "zod"
import { ProblemDocument } from "./http/problem.ts"
import type { Command } from "./operations/command.ts"
import { databaseCommands } from "./operations/database.ts"
import { groupCommands } from "./operations/groups.ts"
import { messageCommands } from "./operations/messages.ts"
import { noticeCommands } from "./operations/notices.ts"
import { orderCommands } from "./operations/orders.ts"
import { paymentCommands } from "./operations/payments.ts"
import { preflightCommands } from "./operations/preflight.ts"
import { quarantineCommands } from "./operations/quarantine.ts"
import { reconcileCommands } from "./operations/reconcile.ts"
import { redisCommands } from "./operations/redis.ts"
import { reportCommands } from "./operations/report.ts"
import { saleCommands } from "./operations/sales.ts"
import { settingsCommands } from "./operations/settings.ts"
import { topicCommands } from "./operations/topics.ts"
import { verificationCommands } from "./operations/verification.ts"
import type { ProblemSlug } from "./problems.ts"

/** The requests and answers of lambdas/ops and lambdas/ops-checks. Only IAM lets operators invoke them; no route leads there. */

/** The name of a deployed function. @param folder in lambdas/ */
export const deployedFunctionName = (stage: string, folder: string): string => `flash-sale-${stage}-${folder}`

/** The log group of a deployed function. */
export const logGroupOf = (functionName: string): string => `/aws/lambda/${functionName}`

/** The functions that carry out commands, by their folders in lambdas/. */
export const opsFunctions = ["ops", "ops-checks"] as const
export type OpsFunction = (typeof opsFunctions)[number]

/** The name under which a stage's function is invoked. */
export const opsFunctionName = (stage: string, folder: OpsFunction = "ops"): string => deployedFunctionName(stage, folder)

/** The name that the operator gives, for the log. CloudTrail shows the real caller, by the id of the request. */
const operator = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, "must not hold control characters")

/** Problems that only commands of operators are answered with: no route of the API knows consumer groups. */
export const opsProblems = [
  "group-not-found",
  "group-has-members",
  "replay-refused",
  "topic-not-found",
  "quarantined-not-found",
  "quarantine-settled",
  "session-not-found",
] as const satisfies readonly ProblemSlug[]

/** Every command. The list is closed: an operator who may invoke the function may do this and nothing else. */
export const opsCommands = {
  ...verificationCommands,
  ...saleCommands,
  ...orderCommands,
  ...noticeCommands,
  ...groupCommands,
  ...databaseCommands,
  ...paymentCommands,
  ...redisCommands,
  ...settingsCommands,
  ...reconcileCommands,
  ...quarantineCommands,
  ...topicCommands,
  ...messageCommands,
  ...reportCommands,
  ...preflightCommands,
}
export type OpsCommand = keyof typeof opsCommands
export type OpsResult<Name extends OpsCommand = OpsCommand> = z.output<(typeof opsCommands)[Name]["result"]>

/**
 * Commands that read the whole history of a sale, for up to 15 minutes. They have a function of their own: with few environments,
 * two of them would refuse every other command for that time, and an operator could not halt a sale.
 */
export const longCommands = ["verify-sale", "invariants", "reconcile"] as const satisfies readonly OpsCommand[]
export type LongCommand = (typeof longCommands)[number]

const isLong = (command: string): boolean => longCommands.some((long) => long === command)

/** The function that carries out a command. */
export const functionOf = (command: string): OpsFunction => (isLong(command) ? "ops-checks" : "ops")

type RequestSchema<Name extends OpsCommand, Arguments extends z.ZodRawShape> = z.ZodObject<
  { command: z.ZodLiteral<Name>; operator: typeof operator } & Arguments,
  z.core.$strict
>
type AnyRequestSchema = {
  [Name in OpsCommand]: (typeof opsCommands)[Name] extends Command<infer Arguments, z.ZodType>
    ? RequestSchema<Name, Arguments>
    : never
}[OpsCommand]

/** The requests of those commands that a function carries out, or of all. */
function requestsOf(accepts: (command: string) => boolean) {
  const schemas = Object.entries(opsCommands)
    .filter(([name]) => accepts(name))
    .map(([name, { arguments: shape }]) => z.strictObject({ command: z.literal(name), ...shape, operator }))
  return z.discriminatedUnion("command", schemas as unknown as [AnyRequestSchema, ...AnyRequestSchema[]])
}

/** A command with its arguments, and the operator who sends it. */
export const OpsRequest = requestsOf(() => true)
export type OpsRequest = z.output<typeof OpsRequest>

/** What each function accepts. It knows no other command. */
export const requestOfFunction = {
  ops: requestsOf((command) => !isLong(command)),
  "ops-checks": requestsOf(isLong),
} as const satisfies Record<OpsFunction, z.ZodType>

const Problem = ProblemDocument.extend({ errors: ProblemDocument.shape.errors.unwrap().readonly().optional() })

/** A result, also when it lists violations; or the problem because of which the command could not be carried out. */
export const OpsAnswer = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ ok: z.literal(false), problem: Problem }),
])
export type OpsAnswer = z.output<typeof OpsAnswer>
