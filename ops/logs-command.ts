import { setTimeout as delay } from "node:timers/promises"
import { type Command, InvalidArgumentError, Option } from "commander"
import { type CommandContext, withExamples } from "./command-context.ts"
import { type LogFilter, type LogLine, passes, shownLine } from "./logs/log-line.ts"
import { lengthOfTimeMs } from "./quantities.ts"
import { integer } from "./sale-commands.ts"

const followEveryMs = 2_000

/** A length of time such as `90s`, `15m`, `2h` or `1d`, in milliseconds. @throws InvalidArgumentError */
export function duration(text: string): number {
  const lengthMs = lengthOfTimeMs(text)
  if (lengthMs === undefined) throw new InvalidArgumentError("must be a number with s, m, h or d: 90s, 15m, 2h, 1d")
  return lengthMs
}

interface LogOptions {
  readonly since: number
  readonly find?: string
  readonly errors: boolean
  readonly limit: number
  readonly follow: boolean
}

/** Adds `logs`. */
export function addLogsCommand(program: Command, { options, asJson }: CommandContext): void {
  const command = program
    .command("logs <function>")
    .description(
      "show what a function wrote to its log: here also the servers (kafka, postgres, redis), in --stage from CloudWatch Logs",
    )
    .addOption(new Option("--since <time>", "how far back").argParser(duration).default(900_000, "15m"))
    .option("--find <text>", "only lines that contain this text, such as an order or a reservation")
    .option("--errors", "only errors", false)
    .addOption(new Option("--limit <n>", "show the last lines, so many").argParser(integer).default(200))
    .option("-f, --follow", "go on showing new lines", false)
    .action(async (name: string, { since, limit, follow, ...filter }: LogOptions) => {
      const read = await reader(options().stage, name)
      const print = (line: LogLine) => console.log(asJson() ? line.raw : shownLine(line))
      let shown = await lastLines(read, { ...filter, sinceMs: Date.now() - since }, limit)
      shown.forEach(print)
      while (follow) {
        await delay(followEveryMs)
        const fromMs = shown.at(-1)?.atMs ?? Date.now() - since
        const known = new Set(shown.filter(({ atMs }) => atMs === fromMs).map(({ raw }) => raw))
        const more = await lastLines(read, { ...filter, sinceMs: fromMs }, Number.POSITIVE_INFINITY)
        const fresh = more.filter(({ atMs, raw }) => atMs !== undefined && !known.has(raw))
        fresh.forEach(print)
        if (fresh.length > 0) shown = more
      }
    })
  withExamples(command, "logs reserve --errors", "--stage prod logs checkout --since 1h --find <order>")
}

type Read = (filter: LogFilter) => AsyncIterable<LogLine> | Iterable<LogLine>

async function reader(stage: string | undefined, name: string): Promise<Read> {
  if (stage === undefined) {
    const { localLogs } = await import("./logs/local-logs.ts")
    return () => localLogs(name)
  }
  const { deployedLogs } = await import("./logs/deployed-logs.ts")
  return (filter) => deployedLogs(stage, name, filter)
}

/** The last lines that pass. Older lines are forgotten as they come, so that a long log needs no memory. */
async function lastLines(read: Read, filter: LogFilter, limit: number): Promise<LogLine[]> {
  const lines: LogLine[] = []
  for await (const line of read(filter)) {
    if (!passes(filter, line)) continue
    lines.push(line)
    if (lines.length > 2 * limit) lines.splice(0, lines.length - limit)
  }
  return lines.slice(-limit)
}
