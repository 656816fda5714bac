import { oldestUnpublished, readProgress } from "../../core/adapters/postgres/lag.ts"
import type { Lag, OpsRequest, OpsResult } from "../../core/contracts/ops.ts"
import { type CommandKey, operatorsId } from "../../core/domain/keyed-command.ts"
import { verify } from "../../core/workflows/administration/administration.ts"
import { type Progress, verifySale } from "../../core/workflows/administration/verify-sale.ts"
import type { OpsRuntime } from "./runtime.ts"

/** Where a command runs: what its progress is told to, and when it must have ended. */
export interface OpsHost {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Carries a command out. @throws the problem that is to be answered, and the servers' errors */
export async function carryOut(runtime: OpsRuntime, request: OpsRequest, host: OpsHost): Promise<OpsResult> {
  switch (request.command) {
    case "verify-sale":
      return verifySale(await runtime.readerPool(), host)
    case "invariants":
      return verify(await runtime.readerPool())
    case "lag":
      return readLag(runtime)
    case "stats":
      return (await runtime.administration()).stats(request.sku_id)
    case "sale-list":
      return (await runtime.administration()).list(request)
    case "sale-create":
      return (await (await runtime.administration()).create(request.sku)).sku
    case "sale-open":
      return (await runtime.administration()).open(request.sku_id)
    case "sale-close":
      return (await runtime.administration()).close(request.sku_id)
    case "sale-halt":
      return (await runtime.administration()).halt(request.sku_id, request.freeze)
    case "sale-resume":
      return (await runtime.administration()).resume(request.sku_id)
    case "sale-restock":
      return (await runtime.administration()).restock(request.sku_id, request.quantity, keyOf(request))
    case "holds-extend":
      return (await runtime.administration()).extendHolds(request.sku_id, request.seconds, keyOf(request))
    case "mode":
      return (await runtime.administration()).switchMode(request.sku_id, request.mode, request.force)
  }
}

/** Who asks is only a name here: all operators share their keys, and one may repeat what another began. */
const keyOf = ({ idempotency_key: key }: { readonly idempotency_key?: string | undefined }): CommandKey | undefined =>
  key === undefined ? undefined : { owner: operatorsId, key }

/** Watermarks are read before the ends: what is decided in between can only make the lag look larger, never negative. */
async function readLag(runtime: OpsRuntime): Promise<Lag> {
  const { endOffsets, requestsTopic } = await runtime.line()
  const pool = await runtime.readerPool()
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
