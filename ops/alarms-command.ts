import { type Command, Option } from "commander"
import { type AlarmLine, type AlarmSource, type DrillOutcome, type Priority, priorities } from "./alarm-source.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { integer } from "./sale-commands.ts"
import { textTable } from "./text-table.ts"

async function sourceOf({ options }: CommandContext): Promise<AlarmSource> {
  const { stage } = options()
  if (stage !== undefined) return (await import("./alarms-of-stage.ts")).alarmsOfStage(stage)
  return (await import("./alarms-here.ts")).alarmsHere(process.env.ALARMS_URL)
}

/** Adds `ops alarms`. */
export function addAlarmsCommand(program: Command, context: CommandContext): void {
  const { asJson } = context
  const alarms = program
    .command("alarms")
    .description("list every alarm with its state, since when, its value and threshold, and its heading in the runbook")
    .option("--firing", "only those in alarm", false)
    .action(async ({ firing }: { firing: boolean }) => {
      const all = await (await sourceOf(context)).list()
      const shown = firing ? all.filter(({ state }) => state === "alarm") : all
      if (asJson()) return console.log(JSON.stringify({ alarms: shown }))
      console.log(shown.length === 0 ? "no alarm is in alarm" : alarmTable(shown))
    })
  withExamples(alarms, "alarms", "alarms --firing")

  const history = alarms
    .command("history")
    .description("list what the alarms sent, the newest last")
    .action(async () => {
      const changes = await (await sourceOf(context)).history()
      if (asJson()) return console.log(JSON.stringify({ changes }))
      const rows = changes.map(({ at, alarm, state, reason }) => [at, alarm, state, reason])
      console.log(rows.length === 0 ? "no alarm has sent anything" : textTable([["at", "alarm", "state", "reason"], ...rows], 4))
    })
  withExamples(history, "alarms history")

  const test = alarms
    .command("test")
    .description("send a synthetic alarm the whole way, and wait until the pager service has accepted its page")
    .addOption(new Option("--priority <priority>", "one priority (default: all)").choices(priorities))
    .addOption(new Option("--within <s>", "seconds that the delivery may take").argParser(integer).default(90))
    .action(async ({ priority, within }: { priority?: Priority; within: number }) => {
      const source = await sourceOf(context)
      const outcomes: DrillOutcome[] = []
      for (const one of priority === undefined ? priorities : [priority]) outcomes.push(await source.test(one, within * 1_000))
      if (asJson()) console.log(JSON.stringify({ drills: outcomes }))
      else console.log(outcomes.map(drillText).join("\n"))
      if (outcomes.some(isFailed)) process.exitCode = failed
    })
  withExamples(test, "alarms test", "alarms test --priority P0")
}

const isFailed = ({ hasPager, accepted, mails }: DrillOutcome) =>
  (hasPager && accepted === undefined) || (!hasPager && !mails.some(({ isConfirmed }) => isConfirmed))

function alarmTable(alarms: readonly AlarmLine[]): string {
  const order = { alarm: 0, ok: 1, "cannot tell": 2 }
  const rows = alarms
    .toSorted((a, b) => order[a.state] - order[b.state] || (a.priority < b.priority ? -1 : 1))
    .map(({ alarm, priority, state, since, value, threshold, runbook }) => [
      ...[priority, alarm, state, since ?? "-", threshold, runbook],
      value === undefined ? "-" : Math.round(value * 100) / 100,
    ])
  return textTable([["", "alarm", "state", "since", "threshold", "runbook", "value"], ...rows], 6)
}

function drillText({ priority, drill, accepted, hasPager, mails }: DrillOutcome): string {
  const page = !hasPager
    ? "no pager is configured"
    : accepted === undefined
      ? `NOT delivered: the pager did not report an accepted page in time. See PagerFailing in docs/RUNBOOK.md`
      : `the pager service accepted the page (${accepted})`
  const mail = mails.map(({ address, isConfirmed }) =>
    isConfirmed
      ? `  mail to ${address}: sent; nobody can see here whether it was read`
      : `  mail to ${address}: NOT confirmed yet, gets nothing`,
  )
  return [`${priority} drill ${drill}: ${page}`, ...mail].join("\n")
}
