import { count, logger, record } from "../../adapters/telemetry.ts"

/** Work that is done for one SKU after another. */
export type SkuTask = "extend-holds" | "sweep" | "halt-oversold" | "warm" | "relay"

/** Bounds of a round over the SKUs of a task. */
export const skuRoundLimits = {
  /** A SKU that takes longer continues beside the next ones. */
  patienceMs: 1_000,
  /** SKUs at work at the same time. More than one only while some are slow. */
  maxSkusAtOnce: 3,
  /**
   * Time that a round spends on failing SKUs. Each counts with at most `patienceMs`. All other SKUs have had their turn before.
   */
  maxFailingMs: 2_000,
  /** Failures that a round logs one by one. One line counts the others. */
  maxFailuresLogged: 10,
  /** A SKU that still fails is logged again after this. */
  logAgainMs: 30_000,
  /** A failure so long after the one before begins a new count. */
  forgetAfterMs: 300_000,
} as const

interface Failing {
  readonly sinceMs: number
  readonly lastMs: number
  readonly failures: number
  readonly loggedMs: number
}

/** SKUs whose last try failed, of this process, by task and SKU. A success removes its entry. */
const failing = new Map<string, Failing>()

/**
 * Does the work of a task for each SKU. A SKU whose work fails, or waits for a lock, holds up no other. SKUs that failed the last
 * time come last; of those, the one that waited longest comes first. Each failure is counted (`sku.failed`), the time since the
 * first one is measured (`sku.failing`), and the SKU is logged. Resolves when all work that began has ended. Never throws.
 */
export async function forEachSku<Item extends { readonly skuNo: number }>(
  task: SkuTask,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const { patienceMs, maxSkusAtOnce, maxFailingMs } = skuRoundLimits
  const running = new Set<Promise<void>>()
  const failures: Failure[] = []
  let failingMs = 0

  const tryOne = async (item: Item) => {
    const startedMs = performance.now()
    try {
      await work(item)
      failing.delete(keyOf(task, item.skuNo))
    } catch (error) {
      failingMs += Math.min(patienceMs, performance.now() - startedMs)
      failures.push(noteFailure(task, item.skuNo, error))
    }
  }

  for (const item of healthyFirst(task, items)) {
    while (running.size >= maxSkusAtOnce) await Promise.race(running)
    if (failingMs >= maxFailingMs) break
    const attempt = tryOne(item).finally(() => running.delete(attempt))
    running.add(attempt)
    await atMost(patienceMs, attempt)
  }
  await Promise.all(running)
  logFailures(task, failures)
}

const keyOf = (task: SkuTask, skuNo: number): string => `${task} ${skuNo}`

/** SKUs in their order, then those that failed the last time: the one whose last try is the longest ago comes first. */
function healthyFirst<Item extends { readonly skuNo: number }>(task: SkuTask, items: readonly Item[]): readonly Item[] {
  if (failing.size === 0) return items
  const lastFailureMs = ({ skuNo }: Item) => failing.get(keyOf(task, skuNo))?.lastMs ?? Number.NEGATIVE_INFINITY
  return items.toSorted((a, b) => (lastFailureMs(a) < lastFailureMs(b) ? -1 : lastFailureMs(a) > lastFailureMs(b) ? 1 : 0))
}

interface Failure {
  readonly skuNo: number
  readonly failures: number
  readonly failingMs: number
  readonly isNews: boolean
  readonly error: Error
}

function noteFailure(task: SkuTask, skuNo: number, error: unknown): Failure {
  const nowMs = performance.now()
  const known = failing.get(keyOf(task, skuNo))
  const before = known !== undefined && nowMs - known.lastMs < skuRoundLimits.forgetAfterMs ? known : undefined
  const isNews = before === undefined || nowMs - before.loggedMs >= skuRoundLimits.logAgainMs
  const sinceMs = before?.sinceMs ?? nowMs
  const failures = (before?.failures ?? 0) + 1
  failing.set(keyOf(task, skuNo), { sinceMs, lastMs: nowMs, failures, loggedMs: isNews ? nowMs : before.loggedMs })
  count("sku.failed")
  record("sku.failing", nowMs - sinceMs)
  const cause = error instanceof Error ? error : new Error(String(error))
  return { skuNo, failures, failingMs: Math.round(nowMs - sinceMs), isNews, error: cause }
}

function logFailures(task: SkuTask, failures: readonly Failure[]): void {
  const news = failures.filter(({ isNews }) => isNews)
  const shown = news.slice(0, skuRoundLimits.maxFailuresLogged)
  for (const { skuNo, failures: times, failingMs, error } of shown) {
    logger.error("The task failed for this SKU; the other SKUs go on and this one is tried again", {
      ...{ task, skuNo, failures: times, failingMs, error },
    })
  }
  if (news.length > shown.length) {
    logger.error("The task failed for more SKUs; they are tried again", { task, skus: news.length - shown.length })
  }
}

/** Resolves with the promise, or when the time is up. */
async function atMost(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, timeUp])
  clearTimeout(timer)
}
