import { readFile } from "node:fs/promises"
import type { Command } from "commander"
import * as z from "zod"
import { verifyingKeysOf } from "../core/adapters/receipts/keys.ts"
import { type ReceiptFacts, readReceipt } from "../core/adapters/receipts.ts"
import { ReceiptKeySet } from "../core/contracts/http/receipt-keys.ts"
import { generationOfOffset, kafkaOffsetOf } from "../core/domain/log-generations.ts"
import { stageNamed } from "../lib/stages.ts"
import { type CommandContext, withExamples, withExitCodes } from "./command-context.ts"

const keysPath = "/.well-known/receipt-keys.json"
const fetchTimeoutMs = 5_000

/** Exit codes by verdict, so that a script does not have to read the text. */
export const receiptExitCodes = { valid: 0, forged: 1, "unknown-key": 2, "no-keys": 3 } as const

type Judgement =
  | { readonly verdict: "valid"; readonly keyId: string; readonly facts: ReceiptFacts }
  /** Signed by a key that is not in the key set: it expired, or it was never ours. */
  | { readonly verdict: "unknown-key"; readonly keyId: string }
  | { readonly verdict: "forged"; readonly keyId?: string }

/** Judges a receipt by a set of published keys alone, without a call to the system that issued it. */
export async function judgeReceipt(text: string, { keys }: z.output<typeof ReceiptKeySet>): Promise<Judgement> {
  const facts = await readReceipt(text, verifyingKeysOf(keys))
  const keyId = keyIdOf(text)
  if (keyId === undefined) return { verdict: "forged" }
  if (facts) return { verdict: "valid", keyId, facts }
  return { verdict: keys.some(({ kid }) => kid === keyId) ? "forged" : "unknown-key", keyId }
}

const Header = z.strictObject({ alg: z.literal("EdDSA"), kid: z.string().min(1) })

/** The key that a receipt names; undefined for a text that does not have the form of a receipt. */
function keyIdOf(text: string): string | undefined {
  const [header = "", ...rest] = text.split(".")
  if (rest.length !== 2) return undefined
  try {
    return Header.safeParse(JSON.parse(Buffer.from(header, "base64url").toString())).data?.kid
  } catch {
    return undefined
  }
}

/** Reads a key set from a file or a URL. @throws Error that says what is wrong with it */
async function readKeySet(location: string): Promise<z.output<typeof ReceiptKeySet>> {
  const text = /^https?:/i.test(location) ? await fetchText(location) : await readFile(location, "utf8")
  const parsed = ReceiptKeySet.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`${location} holds no set of receipt keys; save it from ${keysPath}`)
  return parsed.data
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return await response.text()
}

/** The URL at which the stage, or the local system, publishes its keys. @throws Error when there is neither */
function publishedAt(stage: string | undefined): string {
  const { domain } = stage === undefined ? {} : stageNamed(stage)
  const baseUrl = domain ? `https://${domain.apiName}` : process.env.FLASH_SALE_URL
  if (baseUrl === undefined)
    throw new Error(`No key set is known here: save ${keysPath} while it is published, and name the file with --keys`)
  return new URL(keysPath, baseUrl).href
}

function judgementText(judgement: Judgement): string {
  const { verdict, keyId } = judgement
  switch (verdict) {
    case "valid": {
      const { partition, reservationId, skuId, quantity } = judgement.facts
      return [
        `valid: this request was in the queue at ${placeText(judgement.facts.offset)} of partition ${partition}`,
        `reservation     ${reservationId}`,
        `SKU, quantity   ${skuId}, ${quantity}`,
        `signed by key   ${keyId}`,
      ].join("\n")
    }
    case "unknown-key":
      return `not verified: its key ${keyId} is not in this key set. The key may have expired: a key that no longer signs stays published for 14 days. Use a key set that was saved earlier (--keys).`
    case "forged":
      return keyId === undefined
        ? "forged: this text is not a receipt"
        : `forged: key ${keyId} has not signed this text, or the text was changed afterwards`
  }
}

/** The generation is named from the second one on: most systems never leave the first. */
function placeText(offset: number): string {
  const generation = generationOfOffset(offset)
  return `offset ${kafkaOffsetOf(offset)}${generation === 1 ? "" : ` of generation ${generation}`}`
}

const asObject = (judgement: Judgement) => ({
  verdict: judgement.verdict,
  key_id: judgement.keyId ?? null,
  ...(judgement.verdict === "valid" && {
    reservation_id: judgement.facts.reservationId,
    partition: judgement.facts.partition,
    generation: generationOfOffset(judgement.facts.offset),
    offset: kafkaOffsetOf(judgement.facts.offset),
    sku_id: judgement.facts.skuId,
    quantity: judgement.facts.quantity,
  }),
})

/** Adds `receipt verify`. */
export function addReceiptCommands(program: Command, { options }: CommandContext): void {
  const receipts = program.command("receipt").description("check position receipts, the proofs of a position in the queue")
  const verify = withExamples(
    receipts.command("verify <receipt>"),
    "receipt verify eyJhbGciOiJFZERTQSJ9.eyJvIjo0Mn0.c2ln",
    "receipt verify eyJhbGciOiJFZERTQSJ9.eyJvIjo0Mn0.c2ln --keys receipt-keys.json",
  )
  withExitCodes(
    verify,
    "The exit code is 0 for a valid receipt, 1 for a forged one, 2 when its key is not in the key set (expired, or never ours), and 3 when the keys could not be read.",
  )
    .description("check a receipt against the published keys; offline when the keys are in a file")
    .option(
      "--keys <file or URL>",
      `key set that was saved from ${keysPath} (default: the keys that the stage or the local system publishes)`,
    )
    .action(async (receipt: string, { keys }: { keys?: string }) => {
      const { stage, json } = options()
      try {
        const keySet = await readKeySet(keys ?? publishedAt(stage))
        const judgement = await judgeReceipt(receipt, keySet)
        console.log(json ? JSON.stringify(asObject(judgement)) : judgementText(judgement))
        process.exitCode = receiptExitCodes[judgement.verdict]
      } catch (error) {
        const { message, cause } = error instanceof Error ? error : new Error(String(error))
        console.error(`ops: ${cause instanceof Error ? `${message} (${cause.message})` : message}`)
        process.exitCode = receiptExitCodes["no-keys"]
      }
    })
}
