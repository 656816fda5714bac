import { setTimeout as delay } from "node:timers/promises"
import { type Command, InvalidArgumentError } from "commander"
import { type Message, type Messages, maxMessages } from "../core/contracts/operations/messages.ts"
import type { Ask } from "./client.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { lengthOfTimeMs } from "./quantities.ts"
import { integer } from "./sale-commands.ts"
import { onOneLine } from "./text-table.ts"

interface MessagesOptions {
  readonly partition?: number
  readonly offset?: number
  readonly since?: string
  readonly key?: string
  readonly sku?: string
  readonly limit: number
  readonly raw: boolean
  readonly follow: boolean
}

const followEveryMs = 1_000

/** Adds `messages <topic>`. */
export function addMessagesCommand(program: Command, { ask, asJson }: CommandContext): void {
  const command = program
    .command("messages <topic>")
    .description(
      "show the records of a topic, decoded: the newest ones; with --offset, --since, --key or --sku, the first ones that match. It joins no consumer group and commits no offset. With --json, each record is a line",
    )
    .option("--partition <number>", "only this partition", integer)
    .option("--offset <offset>", "from this offset of each partition", integer)
    .option("--since <time>", "from this moment (2026-11-27T09:00:00Z), or from so long ago (15m, 2h, 1d)", sinceOf)
    .option("--key <key>", "only records with this key")
    .option("--sku <sku>", "only records of this SKU")
    .option("--limit <records>", "how many to show", integer, 20)
    .option("--raw", "show the bytes of each record, too, in base64", false)
    .option("--follow", "go on with the records that come; end with Ctrl-C", false)
    .action(async (topic: string, options: MessagesOptions) => {
      const print = (message: Message) => console.log(asJson() ? JSON.stringify(message) : messageText(message))
      const last = await show(ask(), topic, options, print)
      if (options.follow) await follow(ask(), topic, options, last, print)
    })
  withExamples(
    command,
    "messages reservation-events",
    "messages reservation-requests --partition 3 --offset 1204 --limit 5 --raw",
    "messages reservation-events --sku sneaker-42 --since 2h --limit 100",
  )
}

/** Prints the records that are there. @returns the positions after them */
async function show(
  ask: Ask,
  topic: string,
  { partition, offset, since, key, sku, limit, raw }: MessagesOptions,
  print: (message: Message) => void,
): Promise<Messages["positions"]> {
  const filter = { topic, raw, ...(partition !== undefined && { partition }), ...(key && { key }), ...(sku && { sku }) }
  const isSearch = [offset, since, key, sku].some((option) => option !== undefined)
  const begin = { ...(offset !== undefined && { offset }), ...(since && { since }) }
  const newest = isSearch ? {} : { newest: Math.min(limit, maxMessages) }
  const ends = new Map<number, number>()
  const found: Message[] = []
  let [read, shown] = [0, 0]
  let spans: Messages["rest"] | undefined
  do {
    const wanted = isSearch ? limit - shown : maxMessages
    const page = await ask({
      ...{ command: "messages", ...filter, limit: Math.min(wanted, maxMessages) },
      ...(spans === undefined ? { ...begin, ...newest } : { spans }),
    })
    read += page.read
    shown += page.messages.length
    // The newest ones of all partitions are put in order: so many of each at most. A search prints page by page.
    if (isSearch) for (const message of page.messages) print(message)
    else found.push(...page.messages)
    for (const { partition: at, from } of page.positions) ends.set(at, from)
    spans = page.rest
    if (spans.length > 0 && isSearch) process.stderr.write(`${read} records read, ${shown} found\n`)
  } while (spans.length > 0 && (!isSearch || shown < limit))
  found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.partition - b.partition || a.offset - b.offset))
  for (const message of found.slice(-limit)) print(message)
  return [...ends].map(([at, from]) => ({ partition: at, from }))
}

/** Prints the records that come, until the process is ended. */
async function follow(
  ask: Ask,
  topic: string,
  { key, sku, raw }: MessagesOptions,
  from: Messages["positions"],
  print: (message: Message) => void,
): Promise<never> {
  const positions = new Map(from.map((span) => [span.partition, span]))
  for (;;) {
    const spans = [...positions.values()]
    const page = await ask({
      command: "messages",
      topic,
      raw,
      spans,
      limit: maxMessages,
      ...(key && { key }),
      ...(sku && { sku }),
    })
    for (const message of page.messages) print(message)
    for (const span of page.positions) positions.set(span.partition, span)
    if (page.rest.length === 0) await delay(followEveryMs)
  }
}

/** A moment, or a time ago, as ISO 8601. */
function sinceOf(text: string): string {
  const agoMs = lengthOfTimeMs(text)
  const date = agoMs === undefined ? new Date(text) : new Date(Date.now() - agoMs)
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError("must be a time (2026-11-27T09:00:00Z) or a duration (15m, 2h)")
  return date.toISOString()
}

function messageText({ partition, offset, at, key, fields, poison, headers, raw }: Message): string {
  const more = Object.keys(headers).length > 0 ? ` headers ${JSON.stringify(headers)}` : ""
  const bytes = raw === undefined ? "" : `\n    raw ${raw}`
  const content = poison === null ? JSON.stringify(fields) : `POISON: ${poison}`
  return onOneLine(`${at} ${partition}@${offset} ${key ?? "-"} ${content}${more}`) + bytes
}
