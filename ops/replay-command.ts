import { type Command, InvalidArgumentError } from "commander"
import type { ReplayPlan, ReplayTarget } from "../core/contracts/streams.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { planReplay, type ReplayOptions, type ReplayReport, replay } from "./replay.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

const targets =
  "earliest, latest, offset:<n>, time:<moment> such as time:2026-12-24T10:00:00Z, or watermark (the writer's only place)"

interface Options extends ReplayOptions {
  readonly dryRun: boolean
}

/** Adds `ops replay`. */
export function addReplayCommand(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(
    program.command("replay"),
    "replay --group analytics --to watermark --restart",
    "replay --group notifier --to offset:1200 --partition 3 --dry-run",
  )
    .description("let a consumer group read its topic again, or from another place, and wait until it has caught up")
    .requiredOption("--group <group>", "the consumer group (npm run ops -- groups lists them)")
    .requiredOption("--to <place>", targets, target)
    .option("--topic <topic>", "the topic, for a group that reads several")
    .option("--partition <n>", "this partition alone (default: all)", integer)
    .option("--restart", "for a group of ours: stop its consumers before, and start them after", false)
    .option("--send-again", "confirm that shoppers get notices again", false)
    .option("--dry-run", "show what would happen, and change nothing", false)
    .action(async ({ dryRun, ...options }: Options) => {
      const say = (line: string) => process.stderr.write(`${line}\n`)
      const plan = await planReplay(ask(), options)
      if (!asJson() || dryRun) console.log(asJson() ? JSON.stringify({ plan }) : planTable(plan))
      if (dryRun) return
      const report = await replay(ask(), options, say)
      console.log(asJson() ? JSON.stringify(report) : ending(report))
      if (report.figures?.identical === false) process.exitCode = 1
    })
}

/** @throws InvalidArgumentError */
export function target(text: string): ReplayTarget {
  const [, kind = text, value = ""] = /^(offset|time)[: ](.+)$/.exec(text.trim()) ?? []
  if (kind === "earliest" || kind === "latest" || kind === "watermark") return { kind }
  if (kind === "offset" && /^\d{1,15}$/.test(value)) return { kind, offset: Number(value) }
  const atMs = kind === "time" ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(atMs)) return { kind: "time", at: new Date(atMs).toISOString() }
  throw new InvalidArgumentError(`It must be ${targets}.`)
}

/** What a replay would do, one line for each partition. */
function planTable({ group, topic, why, members, partitions }: ReplayPlan): string {
  const again = partitions.reduce((sum, { from, to }) => sum + Math.max(0, (from ?? to) - to), 0)
  const skipped = partitions.reduce((sum, { from, to }) => sum + Math.max(0, to - (from ?? to)), 0)
  const rows = partitions.map(({ partition, from, to, end_offset }) => [
    partition,
    from ?? "none",
    to,
    end_offset,
    end_offset - to,
  ])
  return [
    `${group} reads ${topic}; it has ${members} ${members === 1 ? "member" : "members"}.`,
    textTable([["partition", "from", "to", "end", "records to read"], ...rows], 0),
    `It reads ${again} records again${skipped > 0 ? `, and leaves out ${skipped} that it has not read` : ""}.`,
    why,
  ].join("\n")
}

function ending({ plan, caught_up_ms: tookMs, figures }: ReplayReport): string {
  if (tookMs === null) return `The offsets are set. ${plan.group} reads from there when its consumers start.`
  const caughtUp = `${plan.group} has caught up after ${(tookMs / 1_000).toFixed(1)} s.`
  if (figures === null) return caughtUp
  const totals = `Totals: ${figures.why}`
  if (figures.identical === true) return `${caughtUp}\n${totals}`
  return [caughtUp, totals, `before: ${JSON.stringify(figures.before)}`, `after:  ${JSON.stringify(figures.after)}`].join("\n")
}
