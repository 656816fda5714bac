import { readFile } from "node:fs/promises"
import type { Command } from "commander"
import * as z from "zod"
import { verifyingKeysOf } from "../core/adapters/receipts/keys.ts"
import { type ReceiptFacts, readReceipt } from "../core/adapters/receipts.ts"
import { ReceiptKeySet } from "../core/contracts/http/receipt-keys.ts"
import { stageNamed } from "../lib/stages.ts"

const keysPath = "/.well-known/receipt-keys.json"
const fetchTimeoutMs = 5_000

/** What a receipt turned out to be; each has its exit code, so that a script need not read. */
export const receiptExitCodes = { valid: 0, forged: 1, "unknown-key": 2, "no-keys": 3 } as const

type Judgement =
  | { readonly verdict: "valid"; readonly keyId: string; readonly facts: ReceiptFacts }
  /** Signed by a key that was retired, or that never was ours: these keys cannot tell. */
  | { readonly verdict: "unknown-key"; readonly keyId: string }
  | { readonly verdict: "forged"; readonly keyId?: string }

/** Judges a receipt by a set of published keys alone; nothing is asked of the system that issued it. */
export async function judgeReceipt(text: string, { keys }: z.output<typeof ReceiptKeySet>): Promise<Judgement> {
  const facts = await readReceipt(text, verifyingKeysOf(keys))
  const keyId = keyIdOf(text)
  if (keyId === undefined) return { verdict: "forged" }
  if (facts) return { verdict: "valid", keyId, facts }
  return { verdict: keys.some(({ kid }) => kid === keyId) ? "forged" : "unknown-key", keyId }
}

const Header = z.strictObject({ alg: z.literal("EdDSA"), kid: z.string().min(1) })

/** The key that a receipt names; undefined for what has not even the form of one. */
function keyIdOf(text: string): string | undefined {
  const [header = "", ...rest] = text.split(".")
  if (rest.length !== 2) return undefined
  try {
    return Header.safeParse(JSON.parse(Buffer.from(header, "base64url").toString())).data?.kid
  } catch {
    return undefined
  }
}

/** Reads a key set from a file, or from where it is published. @throws Error that says what is wrong with it */
async function readKeySet(location: string): Promise<z.output<typeof ReceiptKeySet>> {
  const text = /^https?:/i.test(location) ? await fetchText(location) : await readFile(location, "utf8")
  const parsed = ReceiptKeySet.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`${location} holds no set of receipt keys`)
  return parsed.data
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return await response.text()
}

/** Where the keys of a stage are published, or those of the system that runs here. @throws Error when there is neither */
function publishedAt(stage: string | undefined): string {
  const { domain } = stage === undefined ? {} : stageNamed(stage)
  const baseUrl = domain ? `https://${domain.apiName}` : process.env.FLASH_SALE_URL
  if (baseUrl === undefined) throw new Error(`No keys: save ${keysPath} while it is published, and name it with --keys`)
  return new URL(keysPath, baseUrl).href
}

function judgementText(judgement: Judgement): string {
  const { verdict, keyId } = judgement
  switch (verdict) {
    case "valid": {
      const { partition, offset, reservationId, skuId, quantity } = judgement.facts
      return [
        `valid: this request stood in line at offset ${offset} of partition ${partition}`,
        `reservation     ${reservationId}`,
        `SKU, quantity   ${skuId}, ${quantity}`,
        `signed by key   ${keyId}`,
      ].join("\n")
    }
    case "unknown-key":
      return `not verified: its key ${keyId} is not among these. It may have expired: keys that no longer sign stay published for 14 days. A key set that was saved earlier can tell (--keys).`
    case "forged":
      return keyId === undefined
        ? "forged: this is no receipt"
        : `forged: key ${keyId} has not signed this text, or it was changed since`
  }
}

const asObject = (judgement: Judgement) => ({
  verdict: judgement.verdict,
  key_id: judgement.keyId ?? null,
  ...(judgement.verdict === "valid" && {
    reservation_id: judgement.facts.reservationId,
    partition: judgement.facts.partition,
    offset: judgement.facts.offset,
    sku_id: judgement.facts.skuId,
    quantity: judgement.facts.quantity,
  }),
})

/** Adds `receipt verify`. */
export function addReceiptCommands(program: Command, options: () => { stage?: string; json: boolean }): void {
  program
    .command("receipt")
    .description("proofs of a place in line")
    .command("verify <receipt>")
    .description("check a receipt against the published keys; offline, if they are in a file")
    .option(
      "--keys <file or URL>",
      `the key set, as saved from ${keysPath} (default: as published by the stage or the system here)`,
    )
    .addHelpText(
      "after",
      "\nExits with 0 if it is valid, 1 if it is forged, 2 if its key is not among the keys (expired, or never ours), 3 if the keys could not be read.",
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
