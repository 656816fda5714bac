import type { Command } from "commander"
import type { Topics, TopicView } from "../core/contracts/operations/topics.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { textTable } from "./text-table.ts"

/** Adds `topics [topic]`. */
export function addTopicsCommand(program: Command, { ask, asJson }: CommandContext): void {
  const command = program
    .command("topics [topic]")
    .description(
      "show the brokers and the topics: partitions, retention, records, and what is not as provisioned; of one topic, the leader, the replicas and the offsets of each partition. The exit code is 1 when a topic is missing or a partition has no leader",
    )
    .action(async (topic: string | undefined) => {
      const answered = await ask()({ command: "topics", ...(topic !== undefined && { topic }) })
      console.log(asJson() ? JSON.stringify(answered) : topicsText(answered, topic !== undefined))
      if (answered.topics.some(cannotBeUsed)) process.exitCode = failed
    })
  withExamples(command, "topics", "topics reservation-requests")
}

const cannotBeUsed = ({ exists, partitions }: TopicView): boolean => !exists || partitions.some(({ leader }) => leader === null)

function topicsText({ brokers, topics }: Topics, isOne: boolean): string {
  const brokerRows = brokers.map(({ id, address, is_controller }) => [`broker ${id}`, address, is_controller ? "controller" : ""])
  const rows = topics.map(({ name, partitions, records, retention_ms, differences }) => [
    ...[name, differences.length === 0 ? "as provisioned" : "differs", partitions.length, records, hoursText(retention_ms)],
  ])
  return [
    textTable(brokerRows, 3),
    textTable([["topic", "settings", "partitions", "records", "retention"], ...rows], 2),
    ...(isOne ? topics.map(partitionsText) : []),
    ...topics.flatMap(({ name, differences }) => differences.map((difference) => `${name}: ${difference}`)),
  ].join("\n\n")
}

function partitionsText({ partitions }: TopicView): string {
  const rows = partitions.map(({ partition, leader, replicas, in_sync, begin_offset, end_offset }) => [
    ...[partition, leader ?? "none", replicas.join(","), in_sync.join(","), begin_offset ?? "?", end_offset ?? "?"],
  ])
  return textTable([["partition", "leader", "replicas", "in sync", "begin", "end"], ...rows], 0)
}

const hoursText = (ms: number | null): string => (ms === null ? "?" : `${Math.round(ms / 3_600_000)} h`)
