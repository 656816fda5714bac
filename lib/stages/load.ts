import type { StageConfig } from "../config.ts"
import { prod } from "./prod.ts"

// A rehearsal needs no second region and no pipeline of its own.
const { disasterRecovery: _region, pipeline: _pipeline, ...shared } = prod

/** The reference sale at full size, but nothing in it outlives the test: it is deployed for a rehearsal and torn down. */
export const load: StageConfig = {
  ...shared,
  name: "load",
  network: { cidr: "10.41.0.0/16", natGateways: 1 },
  sales: prod.sales.map((sale) => ({ ...sale, opensAt: "2027-03-12T18:00:00Z", closesAt: "2027-03-12T18:30:00Z" })),
  database: { ...prod.database, analyticsReplicas: 0, backupRetentionDays: 1 },
  alarmEmails: { P0: ["sale-team@example.com"], P1: ["sale-team@example.com"], P2: ["sale-team@example.com"] },
  // Its shoppers come from a few addresses and run no browser: with the limits of `prod` the edge would refuse the rehearsal.
  edge: {
    ...prod.edge,
    readsPerMinutePerIp: prod.edge.readCeilingPerSecond * 60,
    writesPerMinutePerIp: prod.edge.writeCeilingPerSecond * 60,
    botControl: false,
  },
  budgetUsdPerMonth: 1_000,
  logRetentionDays: 7,
  retainData: false,
}
