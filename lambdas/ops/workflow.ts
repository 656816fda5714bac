import { oldestUnpublished, readProgress } from "../../core/adapters/postgres/lag.ts"
import type { Lag, NoticeList, OpsRequest, OpsResult } from "../../core/contracts/ops.ts"
import { type CommandKey, operatorsId, ownKey } from "../../core/domain/keyed-command.ts"
import { verify } from "../../core/workflows/administration/administration.ts"
import { type Progress, verifySale } from "../../core/workflows/administration/verify-sale.ts"
import { figuresOf } from "../../core/workflows/streams/analytics-figures.ts"
import { beginGeneration } from "./generations.ts"
import type { OpsParts } from "./runtime.ts"

/** Where a command runs: the receiver of its progress, and the signal that ends it. */
export interface OpsHost {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Carries a command out. @throws ProblemError to answer with, and the errors of PostgreSQL, Redis and Kafka */
export async function carryOut(parts: OpsParts, request: OpsRequest, host: OpsHost): Promise<OpsResult> {
  switch (request.command) {
    case "verify-sale":
      return verifySale(await parts.readerPool(), host)
    case "invariants":
      return verify(await parts.readerPool())
    case "lag":
      return readLag(parts)
    case "stats":
      return (await parts.administration()).stats(request.sku_id)
    case "sale-list":
      return (await parts.administration()).list(request)
    case "sale-create":
      return (await (await parts.administration()).create(request.sku)).sku
    case "sale-open":
      return (await parts.administration()).open(request.sku_id)
    case "sale-close":
      return (await parts.administration()).close(request.sku_id)
    case "sale-halt":
      return (await parts.administration()).halt(request.sku_id, request.freeze)
    case "sale-resume":
      return (await parts.administration()).resume(request.sku_id)
    case "sale-restock":
      return (await parts.administration()).restock(request.sku_id, request.quantity, keyOf(request))
    case "order-show":
      return (await parts.orders()).show(request.order_id)
    case "order-refund":
      return (await parts.orders()).refund(request.order_id, request, keyOf(request) ?? ownKey())
    case "oversell-plan":
      return (await parts.orders()).planOversell(request.sku_id)
    case "notices":
      return readNotices(parts, request)
    case "groups":
      return (await parts.groups()).show(request.group)
    case "replay-plan":
      return (await parts.groups()).plan(request)
    case "consumers-stop":
      return (await parts.groups()).stop(request.group)
    case "consumers-start":
      return (await parts.groups()).start(request.group)
    case "offsets-set":
      return (await parts.groups()).setOffsets(request)
    case "analytics-figures":
      return figuresOf(await parts.analytics(), request.generation)
    case "generation-begin":
      return beginGeneration(parts, request.group)
    case "holds-extend":
      return (await parts.administration()).extendHolds(request.sku_id, request.seconds, keyOf(request))
    case "mode":
      return (await parts.administration()).switchMode(request.sku_id, request.mode, request.force)
  }
}

/** All operators share their keys: one operator may repeat a command that another began. */
const keyOf = ({ idempotency_key: key }: { readonly idempotency_key?: string | undefined }): CommandKey | undefined =>
  key === undefined ? undefined : { owner: operatorsId, key }

async function readNotices(
  parts: OpsParts,
  { reservation_id: reservationId, state, limit }: Extract<OpsRequest, { command: "notices" }>,
): Promise<NoticeList> {
  const found = await (await parts.notices()).list({ reservationId, state, limit })
  return {
    items: found.map(({ eventId, skuId, kind, generation, ...notice }) => ({
      event_id: eventId,
      generation,
      kind,
      sku_id: skuId,
      reservation_id: notice.reservationId,
      order_id: notice.orderId ?? null,
      state: notice.state,
      reason: notice.reason ?? null,
      message_id: notice.messageId ?? null,
      occurred_at: new Date(notice.occurredAtMs).toISOString(),
      changed_at: new Date(notice.changedAtMs).toISOString(),
    })),
  }
}

/** Watermarks are read before the end offsets: a decision in between makes the lag look larger, never negative. */
async function readLag(parts: OpsParts): Promise<Lag> {
  const { endOffsets, requestsTopic } = await parts.queue()
  const pool = await parts.readerPool()
  const { watermarks } = await readProgress(pool, requestsTopic)
  const ends = await endOffsets(requestsTopic)
  const partitions = [...ends].sort(([a], [b]) => a - b)
  return {
    partitions: partitions.map(([partition, end_offset]) => {
      const watermark = watermarks.get(partition) ?? null
      return { partition, watermark, end_offset, lag: Math.max(0, end_offset - (watermark ?? 0)) }
    }),
    unpublished: (await oldestUnpublished(pool)) ?? null,
  }
}
