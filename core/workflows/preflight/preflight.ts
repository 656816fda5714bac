import type { Redis } from "ioredis"
import type { PaymentProvider } from "../../adapters/payment/provider.ts"
import { nextSales } from "../../adapters/postgres/preflight-reads.ts"
import type { SaleFiguresReader } from "../../adapters/redis/sale-figures.ts"
import { withDeadline } from "../../concurrency/deadline.ts"
import type { PreflightLine } from "../../domain/preflight/line.ts"
import type { ExpectedSale } from "../../domain/preflight/sale.ts"
import { type DatabaseCheckDeps, databaseChecks } from "./database-checks.ts"
import { type KafkaCheckDeps, kafkaChecks } from "./kafka-checks.ts"
import { paymentCheck } from "./payment-check.ts"
import { redisChecks } from "./redis-checks.ts"
import { runChecks } from "./run-checks.ts"
import { noSale, saleChecks } from "./sale-checks.ts"

export interface PreflightDeps extends DatabaseCheckDeps, KafkaCheckDeps {
  /** Connects at its first use. */
  readonly redis: () => Promise<Redis>
  readonly figures: () => Promise<Pick<SaleFiguresReader, "read">>
  readonly provider: () => Promise<Pick<PaymentProvider, "paymentsSince">>
  readonly mendPaymentKey: string
}

/** Sales that are looked at when the operator names none. */
const mostNextSales = 10
const nextSalesWithinMs = 3_000

/**
 * Looks at everything that has to be right before a sale, and that can be seen from inside the network. It changes nothing.
 * @param asked the sales, with what is expected of them; none: those that open next
 */
export async function preflight(deps: PreflightDeps, asked: readonly ExpectedSale[]): Promise<PreflightLine[]> {
  const sales = asked.length > 0 ? asked : await openingNext(deps)
  const openings = sales.flatMap(({ opens_at }) => (opens_at === undefined ? [] : [Date.parse(opens_at)]))
  return runChecks([
    ...(sales.length === 0 ? [noSale] : saleChecks(deps, sales)),
    ...databaseChecks(deps),
    ...kafkaChecks(deps),
    ...redisChecks(deps.redis, openings.length === 0 ? undefined : Math.min(...openings)),
    paymentCheck(deps.provider, deps.mendPaymentKey),
  ])
}

/** Without an answer of PostgreSQL no sale is known; its own lines say so. */
async function openingNext({ pool }: PreflightDeps): Promise<ExpectedSale[]> {
  const named = withDeadline(performance.now() + nextSalesWithinMs, nextSales(pool, mostNextSales), "PostgreSQL does not answer")
  return (await named.catch(() => [])).map((sku_id) => ({ sku_id }))
}
