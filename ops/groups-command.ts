import type { Command } from "commander"
import type { Group } from "../core/contracts/streams.ts"
import { type CommandContext, withExamples } from "./command-context.ts"
import { textTable } from "./text-table.ts"

/** Adds `ops groups` and `ops consumers`. */
export function addGroupCommands(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(program.command("groups [group]"), "groups", "groups notifier --partitions")
    .description("show the consumer groups: their members, and how far each has read every partition; all groups, or one")
    .option("--partitions", "print a line for each partition", false)
    .action(async (group: string | undefined, { partitions }: { partitions: boolean }) => {
      const answered = await ask()({ command: "groups", ...(group !== undefined && { group }) })
      if (asJson()) return console.log(JSON.stringify(answered))
      console.log(groupsTable(answered.groups))
      if (partitions || group !== undefined) for (const each of answered.groups) console.log(`\n${partitionsTable(each)}`)
      for (const { group: stopped, consumers } of answered.groups)
        if (consumers === "stopped") console.log(`\n${startAdvice(stopped)}`)
    })

  const consumers = program.command("consumers").description("stop and start the consumers of a group of ours")
  const say = (answered: { readonly group: string; readonly consumers: string }) =>
    console.log(asJson() ? JSON.stringify(answered) : `the consumers of ${answered.group} are ${answered.consumers}`)
  withExamples(consumers.command("stop <group>"), "consumers stop notifier")
    .description("stop the consumers of a group; its records wait in their topic until they start again")
    .option("--force", "also the writer: no request is decided until it starts again", false)
    .action(async (group: string, { force }: { force: boolean }) => say(await ask()({ command: "consumers-stop", group, force })))
  withExamples(consumers.command("start <group>"), "consumers start notifier")
    .description("start the consumers of a group again, where an operator or a replay has stopped them")
    .action(async (group: string) => say(await ask()({ command: "consumers-start", group })))
}

/** Records of a group that it has not read, over all its partitions. */
export const lagOf = ({ topics }: Group): number =>
  topics.reduce((sum, { partitions }) => partitions.reduce((records, { lag }) => records + lag, sum), 0)

/** One line for each group. */
export function groupsTable(groups: readonly Group[]): string {
  const rows = groups.map((group) => [
    group.group,
    group.is_ours ? "ours" : "others'",
    group.consumers ?? "-",
    group.state,
    group.topics.map(({ topic }) => topic).join(", ") || "-",
    group.members.length,
    lagOf(group),
  ])
  return textTable([["group", "whose", "consumers", "state", "topics", "members", "lag"], ...rows], 5)
}

/** One line for each partition of a group, then one for each member. */
function partitionsTable({ group, members, topics }: Group): string {
  const rows = topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, committed, begin_offset, end_offset, lag }) => [
      ...[topic, partition, begin_offset, committed ?? "none", end_offset, lag],
    ]),
  )
  return [
    `${group}:`,
    textTable([["topic", "partition", "begin", "committed", "end", "lag"], ...rows]),
    ...members.map(({ client, host, partitions }) => `member ${client} at ${host} has ${partitions} partitions`),
  ].join("\n")
}

const startAdvice = (group: string): string =>
  `The consumers of ${group} were stopped by an operator, or by a replay that has not ended. Start them: npm run ops -- consumers start ${group}. Or replay again with --restart.`
