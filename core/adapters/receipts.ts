import { type KeyObject, sign, verify } from "node:crypto"
import { promisify } from "node:util"
import * as z from "zod"
import { mostGenerations } from "../contracts/topics.ts"
import { NotFound } from "../domain/errors.ts"
import { firstOffsetOfGeneration, generationOfOffset, kafkaOffsetOf } from "../domain/log-generations.ts"
import { type PublicReceiptKey, type ReceiptKeys, receiptKeysFrom } from "./receipts/keys.ts"

/** What a receipt states: this request of this shopper is at this position in the log. */
export interface ReceiptFacts {
  readonly reservationId: string
  readonly partition: number
  /** Over all generations of the log; the receipt itself names the generation and Kafka's offset. */
  readonly offset: number
  /** 32 bits of the shopper's id. */
  readonly owner: number
  readonly skuId: string
  readonly quantity: number
}

const Claims = z.strictObject({
  reservation_id: z.uuid(),
  partition: z.int().min(0),
  /** Of the topic. Receipts from before there were generations have none: they are of the first. */
  generation: z.int().min(1).max(mostGenerations).default(1),
  /** As Kafka counts, within the generation. */
  offset: z.int().min(0),
  owner: z.int(),
  sku_id: z.string(),
  quantity: z.int(),
})

/** Ours have about 350 characters; longer text is refused unread. */
export const maxReceiptLength = 2_048
const partsOfJws = 3

// Node's own Ed25519 in its thread pool: 5 µs of the main thread a signature under load, against 33 µs on it and 87 µs with
// jose's CompactSign.
const signInPool = promisify<null, Buffer, KeyObject, Buffer>(sign)
const verifyInPool = promisify<null, Buffer, KeyObject, Buffer, boolean>(verify)

/** Signs and verifies receipts. Every function throws an Error when the keys cannot be read. */
export interface Receipts {
  /** A receipt: a compact JWS (EdDSA) that anyone can verify with the published keys. */
  sign(facts: ReceiptFacts): Promise<string>
  /** What a receipt states; undefined when it is not exactly a receipt that we signed. */
  verify(text: string): Promise<ReceiptFacts | undefined>
  /** The receipt of the shopper's own reservation. @throws NotFound for a forged or foreign one */
  ofReservation(text: string, reservationId: string, owner: number): Promise<ReceiptFacts>
  /** The keys with which anyone can verify a receipt (RFC 7517). */
  publicKeys(): Promise<{ readonly keys: readonly PublicReceiptKey[] }>
}

/** @param readSecret the text of RECEIPT_KEYS; read for each receipt, so that a rotation needs no restart */
export function createReceipts(readSecret: () => Promise<string>): Receipts {
  const readKeys = receiptKeysFrom(readSecret)
  const verifyText = async (text: string) => readReceipt(text, (await readKeys()).verifyingKeys)
  return {
    sign: async (facts) => signReceipt(facts, await readKeys()),
    verify: verifyText,
    async ofReservation(text, reservationId, owner) {
      const facts = await verifyText(text)
      if (facts?.reservationId !== reservationId || facts.owner !== owner) throw new NotFound("reservation")
      return facts
    },
    publicKeys: async () => ({ keys: (await readKeys()).published }),
  }
}

async function signReceipt(facts: ReceiptFacts, { header, signingKey }: ReceiptKeys): Promise<string> {
  const generation = generationOfOffset(facts.offset)
  const claims: z.input<typeof Claims> = {
    reservation_id: facts.reservationId,
    partition: facts.partition,
    ...(generation > 1 && { generation }),
    offset: kafkaOffsetOf(facts.offset),
    owner: facts.owner,
    sku_id: facts.skuId,
    quantity: facts.quantity,
  }
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`
  return `${signed}.${(await signInPool(null, Buffer.from(signed), signingKey)).toString("base64url")}`
}

/** What a receipt states, if one of these keys (by encoded header) has signed it to the last bit. */
export async function readReceipt(text: string, verifyingKeys: ReceiptKeys["verifyingKeys"]): Promise<ReceiptFacts | undefined> {
  if (text.length > maxReceiptLength) return undefined
  const parts = text.split(".")
  const [header = "", payload = "", signature = ""] = parts
  const key = verifyingKeys.get(header)
  if (key === undefined || parts.length !== partsOfJws) return undefined
  const signatureBytes = Buffer.from(signature, "base64url")
  // Several texts decode to the same bytes; only one of them is the receipt.
  if (signatureBytes.toString("base64url") !== signature) return undefined
  if (!(await verifyInPool(null, Buffer.from(`${header}.${payload}`), key, signatureBytes))) return undefined
  const claims = Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()))
  return {
    reservationId: claims.reservation_id,
    partition: claims.partition,
    offset: firstOffsetOfGeneration(claims.generation) + claims.offset,
    owner: claims.owner,
    skuId: claims.sku_id,
    quantity: claims.quantity,
  }
}
