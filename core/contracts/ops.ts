import * as z from "zod"
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
import { IdempotencyKey, SkuId } from "./http/primitives.ts"
import { ProblemDocument } from "./http/problem.ts"

/** What lambdas/ops is invoked with and answers. It is reached by IAM alone; no route leads to it. */

/** The name under which a stage's function is invoked. */
export const opsFunctionName = (stage: string): string => `flash-sale-${stage}-ops`

/** Who says to be asking, for the log. Who it was is known to CloudTrail, by the id of the request. */
const operator = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, "must not hold control characters")

/** A command that adds something has a key, so that repeating it after a lost answer adds nothing. */
const keyed = { idempotency_key: IdempotencyKey.optional() }

const asked = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ ...shape, operator })

/** A command and its arguments. The list is closed: whoever may invoke the function may do this and nothing else. */
export const OpsRequest = z.discriminatedUnion("command", [
  asked({ command: z.enum(["verify-sale", "invariants", "lag"]) }),
  asked({ command: z.literal("sale-list"), ...AdminSkuQuery.shape }),
  asked({ command: z.literal("sale-create"), sku: CreateSkuBody }),
  asked({ command: z.enum(["stats", "sale-open", "sale-close", "sale-resume"]), sku_id: SkuId }),
  asked({ command: z.literal("sale-halt"), sku_id: SkuId, freeze: z.boolean().default(false) }),
  asked({ command: z.literal("holds-extend"), sku_id: SkuId, seconds: ExtendBody.shape.seconds, ...keyed }),
  asked({ command: z.literal("mode"), sku_id: SkuId, mode: z.enum(["batch", "direct"]), force: z.boolean().default(false) }),
  asked({ command: z.literal("sale-restock"), sku_id: SkuId, quantity: RestockBody.shape.quantity, ...keyed }),
])
export type OpsRequest = z.output<typeof OpsRequest>
export type OpsCommand = OpsRequest["command"]

/** What a verification from the ledger found. */
export const SaleVerification = z.strictObject({
  ok: z.boolean(),
  entries: z.int(),
  decisions: z.int(),
  /** The largest share of the stock that was ever held or sold, by SKU number: never above 1. */
  fullestBySku: z.record(z.string(), z.number()),
  violations: z.array(z.string()),
})
export type SaleVerification = z.output<typeof SaleVerification>

/** How far the writer is behind the brokers, and the relay behind the ledger. */
export const Lag = z.strictObject({
  partitions: z.array(
    z.strictObject({
      partition: z.int(),
      /** Everything below it is decided; null where provisioning has written none, which stops the writer. */
      watermark: z.int().nullable(),
      end_offset: z.int(),
      lag: z.int(),
    }),
  ),
  /** The oldest entry of the ledger that is not published yet. */
  unpublished: z.strictObject({ sku_id: SkuId, seq: z.int(), kind: z.string(), age_ms: z.number() }).nullable(),
})
export type Lag = z.output<typeof Lag>

/** What each command is answered with. */
export const opsResults = {
  "verify-sale": SaleVerification,
  invariants: Verification,
  lag: Lag,
  stats: SkuStats,
  "sale-list": AdminSkuList,
  "sale-create": AdminSku,
  "sale-open": AdminSku,
  "sale-close": AdminSku,
  "sale-halt": AdminSku,
  "sale-resume": AdminSku,
  "sale-restock": AdminSku,
  mode: AdminSku,
  "holds-extend": HoldsExtended,
} as const satisfies Record<OpsCommand, z.ZodType>
export type OpsResult<Command extends OpsCommand = OpsCommand> = z.output<(typeof opsResults)[Command]>

const Problem = ProblemDocument.extend({ errors: ProblemDocument.shape.errors.unwrap().readonly().optional() })

/** A violation found is a result; a problem is a command that could not be carried out. */
export const OpsAnswer = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ ok: z.literal(false), problem: Problem }),
])
export type OpsAnswer = z.output<typeof OpsAnswer>
