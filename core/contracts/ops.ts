import * as z from "zod"
import { noticeKinds, noticeStates } from "../domain/notices/notice.ts"
import {
  AdminSku,
  AdminSkuList,
  AdminSkuQuery,
  CreateSkuBody,
  ExtendBody,
  HoldsExtended,
  RestockBody,
  SkuStats,
  Verification,
} from "./http/admin.ts"
import { IdempotencyKey, SkuId, Timestamp } from "./http/primitives.ts"
import { ProblemDocument } from "./http/problem.ts"
import { AdminOrder, OversellPlan, Refund, RefundBody } from "./http/refunds.ts"
import type { ProblemSlug } from "./problems.ts"
import {
  BegunGeneration,
  Consumers,
  GenerationFigures,
  GroupId,
  Groups,
  offsetsArguments,
  ReplayPlan,
  replayArguments,
} from "./streams.ts"

/** The requests and answers of lambdas/ops. It is invoked through IAM only; no route of the API reaches it. */

/** The name of a deployed function. @param folder in lambdas/ */
export const deployedFunctionName = (stage: string, folder: string): string => `flash-sale-${stage}-${folder}`

/** The name under which a stage's function is invoked. */
export const opsFunctionName = (stage: string): string => deployedFunctionName(stage, "ops")

/** The name that the operator gives, for the log. CloudTrail shows the real caller, by the id of the request. */
const operator = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, "must not hold control characters")

/** The result of a verification from the ledger. */
export const SaleVerification = z.strictObject({
  ok: z.boolean(),
  entries: z.int(),
  decisions: z.int(),
  /** By SKU number: the largest share of the stock that was held or sold at one time. Never above 1. */
  fullestBySku: z.record(z.string(), z.number()),
  violations: z.array(z.string()),
})
export type SaleVerification = z.output<typeof SaleVerification>

/** How far the writer is behind Kafka, and the relay behind the ledger. */
export const Lag = z.strictObject({
  partitions: z.array(
    z.strictObject({
      partition: z.int(),
      /** Every record below it is decided. Null where provisioning has not written one: the writer then stops. */
      watermark: z.int().nullable(),
      end_offset: z.int(),
      lag: z.int(),
    }),
  ),
  /** The oldest ledger entry that is not published yet. */
  unpublished: z.strictObject({ sku_id: SkuId, seq: z.int(), kind: z.string(), age_ms: z.number() }).nullable(),
})
export type Lag = z.output<typeof Lag>

/** What became of notices to shoppers. Nobody's address is in it: the store has none. */
export const NoticeList = z.strictObject({
  items: z.array(
    z.strictObject({
      event_id: z.string(),
      generation: z.int(),
      kind: z.enum(noticeKinds),
      sku_id: SkuId,
      reservation_id: z.uuid(),
      order_id: z.uuid().nullable(),
      state: z.enum(noticeStates),
      /** Why it was not sent, or did not arrive. */
      reason: z.string().nullable(),
      /** The mail provider's name of the mail. */
      message_id: z.string().nullable(),
      occurred_at: Timestamp,
      changed_at: Timestamp,
    }),
  ),
})
export type NoticeList = z.output<typeof NoticeList>

/** A command: its arguments, its result, and whether it only reads. A lost answer leaves open only whether a change was made. */
interface Command<Arguments extends z.ZodRawShape, Result extends z.ZodType> {
  readonly arguments: Arguments
  readonly result: Result
  readonly readsOnly: boolean
}

const read = <Arguments extends z.ZodRawShape, Result extends z.ZodType>(
  shape: Arguments,
  result: Result,
): Command<Arguments, Result> => ({ arguments: shape, result, readsOnly: true })

const change = <Arguments extends z.ZodRawShape, Result extends z.ZodType>(
  shape: Arguments,
  result: Result,
): Command<Arguments, Result> => ({ arguments: shape, result, readsOnly: false })

const ofSku = { sku_id: SkuId }
const ofOrder = { order_id: z.uuid() }
/** A command that adds something has a key: when it is repeated after a lost answer, it adds nothing. */
const keyed = { idempotency_key: IdempotencyKey.optional() }

/** Problems that only commands of operators are answered with: no route of the API knows consumer groups. */
export const opsProblems = ["group-not-found", "group-has-members", "replay-refused"] as const satisfies readonly ProblemSlug[]

/** Every command. The list is closed: an operator who may invoke the function may do this and nothing else. */
export const opsCommands = {
  "verify-sale": read({}, SaleVerification),
  invariants: read({}, Verification),
  lag: read({}, Lag),
  stats: read(ofSku, SkuStats),
  "sale-list": read(AdminSkuQuery.shape, AdminSkuList),
  "sale-create": change({ sku: CreateSkuBody }, AdminSku),
  "sale-open": change(ofSku, AdminSku),
  "sale-close": change(ofSku, AdminSku),
  "sale-halt": change({ ...ofSku, freeze: z.boolean().default(false) }, AdminSku),
  "sale-resume": change(ofSku, AdminSku),
  "sale-restock": change({ ...ofSku, quantity: RestockBody.shape.quantity, ...keyed }, AdminSku),
  mode: change({ ...ofSku, mode: z.enum(["batch", "direct"]), force: z.boolean().default(false) }, AdminSku),
  "order-show": read(ofOrder, AdminOrder),
  "order-refund": change({ ...ofOrder, ...RefundBody.shape, ...keyed }, Refund),
  "oversell-plan": read(ofSku, OversellPlan),
  notices: read(
    {
      reservation_id: z.uuid().optional(),
      state: z.enum(noticeStates).optional(),
      limit: z.int().min(1).max(200).default(50),
    },
    NoticeList,
  ),
  /** Every consumer group, or one of them: members, and how far each has read. */
  groups: read({ group: GroupId.optional() }, Groups),
  "replay-plan": read(replayArguments, ReplayPlan),
  "consumers-stop": change({ group: GroupId }, Consumers),
  "consumers-start": change({ group: GroupId }, Consumers),
  "offsets-set": change(offsetsArguments, Groups),
  /** What analytics has counted, in the present generation or an earlier one. */
  "analytics-figures": read({ generation: z.int().min(1).optional() }, GenerationFigures),
  /** Begins the next generation of a group that does its work once in each generation. */
  "generation-begin": change({ group: GroupId }, BegunGeneration),
  "holds-extend": change({ ...ofSku, seconds: ExtendBody.shape.seconds, ...keyed }, HoldsExtended),
}
export type OpsCommand = keyof typeof opsCommands
export type OpsResult<Name extends OpsCommand = OpsCommand> = z.output<(typeof opsCommands)[Name]["result"]>

type RequestSchema<Name extends OpsCommand, Arguments extends z.ZodRawShape> = z.ZodObject<
  { command: z.ZodLiteral<Name>; operator: typeof operator } & Arguments,
  z.core.$strict
>
type AnyRequestSchema = {
  [Name in OpsCommand]: (typeof opsCommands)[Name] extends Command<infer Arguments, z.ZodType>
    ? RequestSchema<Name, Arguments>
    : never
}[OpsCommand]

const requestSchemas = Object.entries(opsCommands).map(([name, { arguments: shape }]) =>
  z.strictObject({ command: z.literal(name), ...shape, operator }),
) as unknown as [AnyRequestSchema, ...AnyRequestSchema[]]

/** A command with its arguments, and the operator who sends it. */
export const OpsRequest = z.discriminatedUnion("command", requestSchemas)
export type OpsRequest = z.output<typeof OpsRequest>

const Problem = ProblemDocument.extend({ errors: ProblemDocument.shape.errors.unwrap().readonly().optional() })

/** A result, also when it lists violations; or the problem because of which the command could not be carried out. */
export const OpsAnswer = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ ok: z.literal(false), problem: Problem }),
])
export type OpsAnswer = z.output<typeof OpsAnswer>
