import { consumerGroup, consumerGroups, type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import type { AlarmDefinition } from "./definition.ts"
import { across, fastSeconds, formula, type MetricSpec, minuteSeconds, saleMetric } from "./metric-spec.ts"

/** Records of one partition that a group may leave to later. */
const mostRecordsBehind = 10_000
/** A group that has processed nothing for so long, although records wait, does not work. Shoppers wait for some of them. */
const longestStandstillMs = { waitedFor: 10_000, other: 20_000 }
/** Its standstill begins at one measurement and is seen at another; both are up to 2.5 s late. */
const measuredTwiceSeconds = 5

/** `event-reactor` has the heading `EventReactorLate`. */
export const lateHeading = (group: GroupName): string =>
  `${group.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Late`

/** Alarms on the consumer groups of the events. The sweeper measures the groups: one that does not run reports nothing itself. */
export const streamAlarms = (): AlarmDefinition[] => [...groupNames("reservationEvents").flatMap(groupAlarms), deadLetters()]

function groupAlarms(group: GroupName): AlarmDefinition[] {
  const standstillMs = consumerGroup(group).isWaitedFor ? longestStandstillMs.waitedFor : longestStandstillMs.other
  const shared = {
    heading: lateHeading(group),
    priority: consumerGroup(group).isWaitedFor ? "P1" : "P2",
    silence: "fine",
  } as const
  return [
    {
      ...shared,
      condition: `${group} is more than 10,000 records behind in a partition of the events, 3 x 10 s`,
      metric: saleMetric("consumer.lag", "expiry-sweeper", "Maximum", fastSeconds, { group }),
      above: mostRecordsBehind,
      datapoints: 3,
      ...(shared.priority === "P1" && {
        slowBecause: "a backlog of a moment is normal; a group that stands still has the alarm `stalled`",
      }),
    },
    {
      ...shared,
      variant: "stalled",
      condition: `${group} has processed no record of a partition for more than ${standstillMs / 1_000} s, and records wait there`,
      metric: standstillOf(group),
      above: standstillMs,
      datapoints: 1,
      seenAfterSeconds: standstillMs / 1_000 + measuredTwiceSeconds,
    },
  ]
}

/** Groups that cannot work while Redis is away: they stand because they wait for it, and RedisAway says so. */
const needsRedis: ReadonlySet<GroupName> = new Set<GroupName>(["event-reactor"])

function standstillOf(group: GroupName): MetricSpec {
  const stalled = saleMetric("consumer.stalled", "expiry-sweeper", "Maximum", fastSeconds, { group })
  if (!needsRedis.has(group)) return stalled
  const away = saleMetric("redis.away", consumerGroups[group].lambda, "Sum", fastSeconds)
  return formula("IF(FILL(away, 0) > 0, 0, FILL(stalled, 0))", { stalled, away }, fastSeconds)
}

const deadLetters = (): AlarmDefinition => ({
  heading: "DeadLetters",
  priority: "P2",
  condition: "a record of the events is no event that a consumer can read; it is in the dead-letter topic",
  metric: across(
    "SUM",
    groupNames("reservationEvents").map((group) =>
      saleMetric("events.dead-lettered", consumerGroups[group].lambda, "Sum", minuteSeconds),
    ),
    minuteSeconds,
  ),
  above: 0,
  datapoints: 1,
  silence: "fine",
})
