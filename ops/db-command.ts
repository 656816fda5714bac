import type { Command } from "commander"
import type { ConstraintsReport, DatabaseReport, Session } from "../core/contracts/operations/database.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { bytesText, durationText } from "./quantities.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

/** Adds `db`: sessions, blockers, slow statements, tables, replicas; `db cancel`, `db terminate` and `db constraints`. */
export function addDbCommand(program: Command, { ask, asJson }: CommandContext): void {
  const db = program
    .command("db")
    .description(
      "show what PostgreSQL does: who waits for whom, long transactions, slow statements, connections, the largest tables, replicas",
    )
    .action(async () => {
      const report = await ask()({ command: "db" })
      console.log(asJson() ? JSON.stringify(report) : databaseText(report))
    })
  withExamples(db, "db", "db cancel 4711", "db constraints")

  const ending = [
    ["cancel", false, "end the statement that a session runs; the session stays"],
    ["terminate", true, "end a session with its transaction: its locks are free at once"],
  ] as const
  for (const [name, wholeSession, description] of ending) {
    const command = db
      .command(`${name} <pid>`)
      .description(description)
      .action(async (pid: string) => {
        const answered = await ask()({ command: "db-end", pid: integer(pid), whole_session: wholeSession })
        console.log(asJson() ? JSON.stringify(answered) : `ended the ${answered.ended} of ${answered.pid}`)
      })
    withExamples(command, `db ${name} 4711`)
  }

  const constraints = db
    .command("constraints")
    .description("compare the CHECK constraints of the database with those of this version; the exit code is 1 when they differ")
    .option("--restore", "add those that are missing; it fails while a row breaks one of them", false)
    .action(async ({ restore }: { restore: boolean }) => {
      const report = await ask()({ command: restore ? "db-constraints-restore" : "db-constraints" })
      console.log(asJson() ? JSON.stringify(report) : constraintsText(report))
      if (report.differing.length > 0) process.exitCode = failed
    })
  withExamples(constraints, "db constraints", "db constraints --restore")
}

function databaseText(report: DatabaseReport): string {
  const { sessions, statements, copies, tables, max_connections: most, database_bytes: bytes } = report
  const blocked = sessions.filter(({ blocked_by }) => blocked_by.length > 0)
  const byClient = [...Map.groupBy(sessions, ({ client }) => client ?? "not named")]
  const sections = [
    `${sessions.length} of at most ${most} connections, ${bytesText(bytes)} of data`,
    section(
      "connections by client",
      ["client", "connections", "active"],
      byClient.map(([client, of]) => [client, of.length, of.filter(({ state }) => state === "active").length]),
    ),
    blocked.length === 0 ? "nobody waits for a lock of another session" : `waiting for locks:\n${chains(sessions)}`,
    section(
      "sessions in a transaction",
      ["pid", "client", "address", "state", "waits for", "transaction", "statement"],
      sessions.filter(({ transaction_ms }) => transaction_ms !== null).map(sessionRow),
    ),
    statements === null
      ? "the server does not count statements: pg_stat_statements is not loaded"
      : section(
          "statements with the most time in all",
          ["calls", "in all", "mean", "longest", "statement"],
          statements.map((each) => [
            ...[each.calls, durationText(each.total_ms), durationText(each.mean_ms), durationText(each.max_ms), each.query],
          ]),
        ),
    section(
      "largest tables",
      ["table", "size", "rows", "dead rows", "vacuumed"],
      tables.map((each) => [each.table, bytesText(each.bytes), each.rows, each.dead_rows, each.vacuumed_at ?? "not yet"]),
    ),
    copies.length === 0
      ? "no replica and no replication slot"
      : section(
          "replicas and slots",
          ["name", "state", "behind", "behind"],
          copies.map((each) => [
            ...[each.name, each.state, each.behind_bytes === null ? "-" : bytesText(each.behind_bytes)],
            each.behind_ms === null ? "-" : durationText(each.behind_ms),
          ]),
        ),
  ]
  return sections.join("\n\n")
}

type Row = readonly (string | number)[]

const section = (title: string, header: readonly string[], rows: readonly Row[]): string =>
  rows.length === 0 ? `no ${title}` : `${title}:\n${textTable([header, ...rows], header.length)}`

const sessionRow = (session: Session): Row => [
  ...[session.pid, session.client ?? "-", session.address ?? "-", session.state ?? "-", session.waits_for ?? "-"],
  ...[durationText(session.transaction_ms ?? 0), session.query ?? ""],
]

/** Each session that blocks others and waits for nobody, and below it those that wait for it. */
function chains(sessions: readonly Session[]): string {
  const waitingFor = (pid: number) => sessions.filter(({ blocked_by }) => blocked_by.includes(pid))
  const shown = new Set<number>()
  const lines = (session: Session, depth: number): string[] => {
    if (shown.has(session.pid)) return []
    shown.add(session.pid)
    const { pid, client, state, transaction_ms: age, query } = session
    const line = `${"  ".repeat(depth)}${pid} ${client ?? "-"}, ${state ?? "-"}, for ${durationText(age ?? 0)}: ${query ?? ""}`
    return [line, ...waitingFor(pid).flatMap((waiter) => lines(waiter, depth + 1))]
  }
  const roots = sessions.filter(({ pid, blocked_by }) => blocked_by.length === 0 && waitingFor(pid).length > 0)
  // A session of another database or a prepared transaction may block: then its waiters are shown alone.
  const rest = sessions.filter(({ blocked_by }) => blocked_by.length > 0)
  return [...roots, ...rest].flatMap((session) => lines(session, 0)).join("\n")
}

function constraintsText({ differing, restored }: ConstraintsReport): string {
  const lines = restored.map((name) => `restored ${name}`)
  if (differing.length === 0) return [...lines, "every CHECK constraint is as this version has it"].join("\n")
  const rows = differing.map(({ table, name, state, definition }) => [table, name, state, definition])
  return [...lines, textTable([["table", "constraint", "is", "definition"], ...rows], 4)].join("\n")
}
