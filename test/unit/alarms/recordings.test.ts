import { readdirSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { alarmName, longestToPageSeconds } from "../../../lib/alarms/definition.ts"
import { replay } from "../../../lib/alarms/evaluate/replay.ts"
import type { AlarmMessage } from "../../../lib/alarms/evaluate/standing.ts"
import { stageAlarms } from "../../../lib/alarms/stage-alarms.ts"
import { stages } from "../../../lib/stages.ts"
import { type FaultName, faults } from "../../../loadtest/alarms/faults.ts"
import { readRecording } from "../../../loadtest/alarms/recording.ts"

/** The alarm that each fault must cause. */
const caused: Readonly<Record<Exclude<FaultName, "good">, string>> = {
  "stock-leak": "UndersellDetected",
  "stuck-writer": "WriterCannotWrite-stalled",
  "hanging-provider": "CheckoutLatencyHigh",
  "slow-database": "DatabaseLatencyHigh-page",
  "dead-redis": "RedisAway",
  "error-burst": "ErrorRateHigh-page",
  "bot-flood": "BotFlood",
  "dead-consumer": "EventReactorLate-stalled",
}

const folder = fileURLToPath(new URL("../../alarms/recordings/", import.meta.url))
const fileOf = (name: string) => `${folder}${name}.jsonl.gz`
const watched = {
  apiId: "api",
  parts: { clusterName: "kafka", databaseIdentifier: "database", cacheMembers: ["cache-001"], replicaIdentifiers: [] },
}
const definitions = stageAlarms(stages.dev, watched)
const largestBytes = 150_000

const replayed = (name: string): { sent: AlarmMessage[]; faultMs: number } => {
  const { measurements, from_ms: fromMs, to_ms: toMs, fault_ms: faultMs } = readRecording(fileOf(name))
  const messages = replay(definitions, measurements, { fromMs, toMs })
  return { sent: messages.filter(({ state }) => state === "alarm"), faultMs }
}
const known = new Map<string, ReturnType<typeof replayed>>()
function sentIn(name: string) {
  const found = known.get(name) ?? replayed(name)
  known.set(name, found)
  return found
}
const nameIn = ({ alarm }: AlarmMessage) => alarmName(alarm)
const pages = ({ alarm }: AlarmMessage) => alarm.priority !== "P2"

test("there is one recording for each fault and one of a good rehearsal, and they are small", () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(faults)
      .map((name) => `${name}.jsonl.gz`)
      .sort(),
  )
  for (const name of Object.keys(faults)) expect(statSync(fileOf(name)).size, name).toBeLessThan(largestBytes)
})

test("a good rehearsal sends nothing", () => {
  expect(sentIn("good").sent.map(nameIn)).toEqual([])
})

describe.each(Object.entries(caused))("%s", (fault, expected) => {
  test(`sends ${expected} within 30 s, and no other page`, () => {
    const { sent, faultMs } = sentIn(fault)
    const [first] = sent.filter((message) => nameIn(message) === expected)
    expect(
      sent.map((message) => [nameIn(message), (message.atMs - faultMs) / 1_000]),
      "what was sent",
    ).toContainEqual([expected, expect.any(Number)])
    expect((first?.atMs ?? 0) - faultMs).toBeGreaterThan(0)
    expect((first?.atMs ?? 0) - faultMs).toBeLessThanOrEqual(longestToPageSeconds * 1_000)
    expect(
      sent
        .filter(pages)
        .map(nameIn)
        .filter((name) => name !== expected),
    ).toEqual([])
  })

  test(`${expected} is silent in every other recording`, () => {
    for (const other of Object.keys(faults).filter((name) => name !== fault)) {
      expect(sentIn(other).sent.map(nameIn), other).not.toContain(expected)
    }
  })
})
