import type { Command } from "commander"
import type { Quarantined, QuarantineList, QuarantineRetry, QuarantineView } from "../core/contracts/operations/quarantine.ts"
import type { Ask } from "./client.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

interface ListOptions {
  readonly reason?: string
  readonly all: boolean
  readonly limit: number
}

/** Adds `quarantine list|show|retry|drop`. */
export function addQuarantineCommand(program: Command, { ask, asJson }: CommandContext): void {
  const print = <Answer>(answer: Answer, text: (answer: Answer) => string) =>
    console.log(asJson() ? JSON.stringify(answer) : text(answer))
  const quarantine = program.command("quarantine").description("records of the queue that the writer could not decide")
  const list = quarantine
    .command("list")
    .description("list the records in quarantine that nobody has dealt with, and how many there are by reason")
    .option("--reason <reason>", "only records with this reason")
    .option("--all", "also the records that an operator retried or dropped", false)
    .option("--limit <records>", "how many to list", integer, 50)
    .action(async ({ reason, all, limit }: ListOptions) => {
      const asked = { command: "quarantine-list", limit, ...(reason !== undefined && { reason }) } as const
      print(await ask()({ ...asked, ...(!all && { state: "open" as const }) }), listText)
    })
  withExamples(list, "quarantine list", "quarantine list --reason unknown-version")

  const show = named(quarantine.command("show"))
    .description("show one record, decoded: its reason, what a retry would do, and the records beside it with their decisions")
    .action(async (partition: number, offset: number) =>
      print(await ask()({ command: "quarantine-show", partition, offset }), viewText),
    )
  withExamples(show, "quarantine show 3 1204")

  const retry = quarantine
    .command("retry")
    .argument("[partition]", "the partition of the record", integer)
    .argument("[offset]", "its offset", integer)
    .description(
      "put the request of a record at the end of the queue: the writer decides it as if it came now. A record that still cannot be decided stays in quarantine, and the answer says why",
    )
    .option("--all", "every record that nobody has dealt with, in the order of their offsets", false)
    .option("--reason <reason>", "with --all: only records with this reason")
    .action(async (partition: number | undefined, offset: number | undefined, { all, reason }: ListOptions) => {
      if (all) return print(await retryAll(ask(), reason), allText)
      if (partition === undefined || offset === undefined) {
        return retry.error("error: name the record by its partition and offset, or use --all for every record", { exitCode: 1 })
      }
      print(await ask()({ command: "quarantine-retry", partition, offset }), retryText)
    })
  withExamples(retry, "quarantine retry 3 1204", "quarantine retry --all --reason unknown-version")

  const drop = named(quarantine.command("drop"))
    .description("end a record that nobody needs; its row stays, with your name and the reason")
    .requiredOption("--reason <why>", "why nobody needs it")
    .action(async (partition: number, offset: number, { reason }: { reason: string }) =>
      print(await ask()({ command: "quarantine-drop", partition, offset, reason }), stateText),
    )
  withExamples(drop, 'quarantine drop 3 1204 --reason "sent by a load test"')
}

/** A command about one record. */
const named = (command: Command): Command =>
  command.argument("<partition>", "the partition of the record", integer).argument("<offset>", "its offset", integer)

interface RetriedAll {
  readonly retried: number
  readonly kept: readonly QuarantineRetry[]
}

/** Retries page by page; a record that stays is not tried twice. */
async function retryAll(ask: Ask, reason: string | undefined): Promise<RetriedAll> {
  const kept: QuarantineRetry[] = []
  let retried = 0
  let after: QuarantineList["next"] = null
  do {
    const asked = { command: "quarantine-list", state: "open", ...(reason !== undefined && { reason }) } as const
    const page: QuarantineList = await ask({ ...asked, ...(after && { after }), limit: 200 })
    for (const { partition, offset } of page.items) {
      const answer = await ask({ command: "quarantine-retry", partition, offset })
      if (answer.kept_because === null) retried += 1
      else kept.push(answer)
    }
    if (page.items.length > 0) process.stderr.write(`${retried} retried, ${kept.length} stay in quarantine\n`)
    after = page.next
  } while (after !== null)
  return { retried, kept }
}

const placeText = ({ partition, offset }: { readonly partition: number; readonly offset: number }) =>
  `partition ${partition}, offset ${offset}`

function listText({ by_reason, items, next }: QuarantineList): string {
  if (by_reason.length === 0) return "no record is in quarantine"
  const counts = by_reason.map(({ reason, open, retried, dropped }) => [reason, open, retried, dropped])
  const rows = items.map((record) => [
    ...[record.reason, record.state, record.request?.sku_id ?? "-", record.quarantined_at],
    ...[record.partition, record.offset, record.bytes],
  ])
  return [
    textTable([["reason", "open", "retried", "dropped"], ...counts]),
    ...(rows.length === 0 ? [] : [textTable([["reason", "state", "sku", "since", "partition", "offset", "bytes"], ...rows], 4)]),
    ...(next ? [`there may be more after ${placeText(next)}: use --limit or --reason`] : []),
  ].join("\n\n")
}

function stateText(record: Quarantined): string {
  const { done } = record
  if (done === null) return `${placeText(record)}: in quarantine since ${record.quarantined_at}: ${record.reason}`
  if (done.moved_to) return `${placeText(record)}: retried by ${done.by} at ${done.at}; now at ${placeText(done.moved_to)}`
  return `${placeText(record)}: dropped by ${done.by} at ${done.at}: ${done.why}`
}

const retryText = ({ record, kept_because: because }: QuarantineRetry): string =>
  because === null ? stateText(record) : `${placeText(record)}: stays in quarantine, because ${because}`

const allText = ({ retried, kept }: RetriedAll): string =>
  [`${retried} records are in the queue again; ${kept.length} stay in quarantine`, ...kept.map(retryText)].join("\n")

function viewText({ record, sha256, raw, kept_because, status, neighbours }: QuarantineView): string {
  const { request } = record
  const fields: [string, string | number][] = request
    ? [
        ...[["id", request.id] as [string, string], ["user", request.user] as [string, string]],
        ["sku", request.sku_id ?? `none with the number ${request.sku_no}`],
        ...[["quantity", request.quantity] as [string, number], ["accepted", request.accepted_at] as [string, string]],
        ["waitlist", request.join_waitlist ? "yes" : "no"],
        ["decision under this id", status ?? "none"],
      ]
    : [["request", "the bytes are no request that this version knows"]]
  const beside = (neighbours ?? []).map(({ offset, sku_id, id, status: decided }) => [
    ...[offset, sku_id ?? "-", id ?? "cannot be read", decided ?? "not decided"],
  ])
  return [
    stateText(record),
    textTable([...fields, ["bytes", record.bytes], ["sha256", sha256], ["raw (base64)", raw || "-"]], 2),
    kept_because === null ? "a retry puts it into the queue again" : `a retry leaves it here, because ${kept_because}`,
    neighbours === null
      ? "Kafka does not answer: the records beside it are not shown"
      : beside.length === 0
        ? "Kafka keeps no record beside it"
        : textTable([["offset", "sku", "id", "decision"], ...beside], 4),
  ].join("\n\n")
}
