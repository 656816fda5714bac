import { randomUUID } from "node:crypto"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { encodeReservationRecord } from "../../core/contracts/reservation-record.ts"
import { bodyHashOf } from "../../core/domain/ids.ts"
import type { ProfileName } from "../measure/result.ts"
import { type Random, seededRandom } from "../rehearsal/random.ts"

export const topic = "reservation-requests"

/** A SKU on sale. */
export interface OpenSku {
  readonly skuNo: number
  readonly skuId: string
}

/** One sale of a profile. A profile plays one sale after the other until its time is over, each with its own SKUs. */
export interface Sale {
  readonly skus: number
  /** Units of each SKU. */
  readonly stock: number
  readonly requests: number
  /** Share of the records that repeat an earlier request of the same sale. */
  readonly duplicates: number
}

const plenty = 1_000_000

export const sales: Readonly<Record<ProfileName, Sale>> = {
  "all-accepted": { skus: 1, stock: plenty, requests: 40_000, duplicates: 0 },
  "reference-sale": { skus: 1, stock: 10_000, requests: 100_000, duplicates: 0 },
  "refused-only": { skus: 1, stock: 0, requests: 40_000, duplicates: 0 },
  mixed: { skus: 1, stock: 20_000, requests: 40_000, duplicates: 0.1 },
  "ten-skus": { skus: 10, stock: plenty, requests: 40_000, duplicates: 0 },
  "million-old": { skus: 1, stock: plenty, requests: 40_000, duplicates: 0 },
}

/** The profiles, described for people. */
export const descriptions: Readonly<Record<ProfileName, string>> = {
  "all-accepted": "one SKU, every request accepted",
  "reference-sale": "10,000 of 100,000 accepted, the rest refused",
  "refused-only": "sold out: every request refused",
  mixed: "half accepted, half refused, 10 % of the records are repeats",
  "ten-skus": "ten SKUs in one partition, all accepted",
  "million-old": "all accepted, after 1,000,000 old decisions",
}

export interface Feed {
  /** The records of a sale (or of its first part), as the event source delivers them: base64 of Kafka's bytes. */
  records(sale: Sale, skus: readonly OpenSku[]): MskRecord[]
  /** Requests fed so far; a repeated one counts once. */
  readonly distinct: number
}

/**
 * Record after record of partition 0. The same seed repeats the same requests at the same offsets. The users are always new.
 */
export function createFeed(seed: number): Feed {
  const random: Random = seededRandom(seed)
  let offset = 0
  let distinct = 0
  const request = ({ skuNo, skuId }: OpenSku) => {
    distinct += 1
    const value = encodeReservationRecord({
      id: randomUUID(),
      userId: randomUUID(),
      skuNo,
      quantity: 1,
      joinWaitlist: false,
      bodyHash: bodyHashOf(skuId, 1, false),
      acceptedAtMs: Date.now(),
    })
    return { key: Buffer.from(skuId).toString("base64"), value: value.toString("base64") }
  }
  return {
    records(sale, skus) {
      const sent: ReturnType<typeof request>[] = []
      return Array.from({ length: sale.requests }, (_, index) => {
        const sku = skus[index % skus.length]
        if (sku === undefined) throw new Error("A sale has SKUs")
        const repeated = random() < sale.duplicates ? sent[Math.floor(random() * sent.length)] : undefined
        const message = repeated ?? request(sku)
        if (repeated === undefined) sent.push(message)
        offset += 1
        return { topic, partition: 0, offset: offset - 1, timestamp: 0, timestampType: "CREATE_TIME", headers: [], ...message }
      })
    },
    get distinct() {
      return distinct
    },
  }
}
