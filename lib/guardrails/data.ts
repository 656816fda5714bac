import { cacheCommandsDemand, databaseConnections, sum } from "../capacity/demand.ts"
import {
  cacheCommandsPerSecond,
  connectionLimitOf,
  databaseMemoryGiB,
  plannedUtilisation,
  reservedConnections,
} from "../capacity/limits.ts"
import { type Guardrail, plain, when } from "./finding.ts"

/** Every pool of every environment may be full at once: their sum must fit, or PostgreSQL refuses connections at the peak. */
export const poolsFit: Guardrail = (config) => {
  const connections = databaseConnections(config)
  const total = sum(connections.values())
  const most = config.database.maxConnections - reservedConnections
  const largest = [...connections].sort(([, a], [, b]) => b - a).slice(0, 3)
  return when(total > most, () => ({
    found: `The pools of all environments may open ${plain(total)} connections (${largest.map(([name, count]) => `${name} ${plain(count)}`).join(", ")}); PostgreSQL takes ${plain(config.database.maxConnections)}.`,
    allowed: `${plain(most)}: ${reservedConnections} are kept for RDS and for the operator on call.`,
    fix: "Lower `poolSize` or `reservedConcurrency` of the largest, or raise `database.maxConnections`.",
  }))
}

/** Connections cost memory: the instance must have enough. */
export const instanceCarriesConnections: Guardrail = ({ database }) => {
  const most = connectionLimitOf(database.instanceType)
  if (most === undefined) {
    return [
      {
        found: `The memory of "${database.instanceType}" is not known.`,
        allowed: `${Object.keys(databaseMemoryGiB).join(", ")}.`,
        fix: "Choose one of them as `database.instanceType`, or add it to lib/capacity/limits.ts.",
      },
    ]
  }
  return when(database.maxConnections > most, () => ({
    found: `${plain(database.maxConnections)} connections are declared for a ${database.instanceType}.`,
    allowed: `${plain(most)}, by its memory.`,
    fix: "Lower `database.maxConnections`, or choose a larger instance.",
  }))
}

/**
 * PostgreSQL stops the recovery of a copy that allows fewer connections than its source
 * (postgresql.org/docs/18/hot-standby.html, "Administrator's Overview"). A copy has the limit that RDS derives from its memory.
 */
export const analyticsCopyStarts: Guardrail = ({ database }) => {
  const { analyticsInstanceType, analyticsReplicas, maxConnections } = database
  if (analyticsReplicas === 0 || analyticsInstanceType === undefined) return []
  const most = connectionLimitOf(analyticsInstanceType) ?? 0
  return when(most < maxConnections, () => ({
    found: `The copy for analysts is a ${analyticsInstanceType}, which allows ${plain(most)} connections; its source allows ${plain(maxConnections)}.`,
    allowed: "at least as many as the source: PostgreSQL stops the copy otherwise.",
    fix: "Choose a larger `database.analyticsInstanceType`.",
  }))
}

/** The ledger is in one database: it needs a second copy, and backups that restore to any moment. */
export const databaseSurvives: Guardrail = ({ database }) =>
  when(!database.multiAz || database.backupRetentionDays < 1 || database.backupRetentionDays > 35, () => ({
    found: `The database is ${database.multiAz ? "" : "not "}Multi-AZ, with backups of ${plain(database.backupRetentionDays)} days.`,
    allowed: "Multi-AZ, and 1 to 35 days: the database holds the only record of what was sold to whom.",
    fix: "Set `database.multiAz` to true and `database.backupRetentionDays` to at least 1.",
  }))

/** Redis is sized for an attack that bypasses the edge's cache: then every read reaches it. */
export const cacheCarriesPeak: Guardrail = (config) => {
  const demand = cacheCommandsDemand(config)
  const { nodeType } = config.cache
  const limit = cacheCommandsPerSecond[nodeType]
  if (limit === undefined) {
    return [
      {
        found: `What "${nodeType}" carries is not known.`,
        allowed: `${Object.keys(cacheCommandsPerSecond).join(", ")}.`,
        fix: "Choose one of them as `cache.nodeType`, or add it to lib/capacity/limits.ts.",
      },
    ]
  }
  return when(demand > limit * plannedUtilisation, () => ({
    found: `Redis gets ${plain(demand)} commands/s at the peak with a bypassed edge.`,
    allowed: `${plain(limit * plannedUtilisation)}, 60 % of what the primary ${nodeType} carries.`,
    fix: "Choose a larger `cache.nodeType`, or lower the declared rates.",
  }))
}

/** A replica takes over from a lost primary. */
export const cacheFailsOver: Guardrail = ({ cache }) =>
  when(cache.replicas < 1, () => ({
    found: "The cache has no replica.",
    allowed:
      "at least 1: Multi-AZ fails over to it in about a minute; without one a node is lost for as long as it takes to make another.",
    fix: "Raise `cache.replicas`.",
  }))
