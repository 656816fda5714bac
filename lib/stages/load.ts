import type { StageConfig } from "../config.ts"
import { prod } from "./prod.ts"

// A rehearsal needs no name, no second region and no pipeline of its own, and wakes nobody.
const { domain: _domain, disasterRecovery: _region, pipeline: _pipeline, pagers: _pagers, ...shared } = prod

/** The reference sale at full size. It is deployed for a rehearsal and deleted afterwards: it keeps no data. */
export const load: StageConfig = {
  ...shared,
  name: "load",
  network: { cidr: "10.41.0.0/16", natGateways: 1 },
  sales: prod.sales.map((sale) => ({ ...sale, opensAt: "2027-03-12T18:00:00Z", closesAt: "2027-03-12T18:30:00Z" })),
  database: { ...prod.database, analyticsReplicas: 0, backupRetentionDays: 1 },
  alarmEmails: { P0: ["sale-team@example.com"], P1: ["sale-team@example.com"], P2: ["sale-team@example.com"] },
  // The simulated shoppers have a few addresses and no browser: the edge would refuse them with the limits of `prod`.
  edge: {
    ...prod.edge,
    readsPerMinutePerIp: prod.edge.readCeilingPerSecond * 60,
    writesPerMinutePerIp: prod.edge.writeCeilingPerSecond * 60,
    botControl: false,
  },
  payments: { ...prod.payments, publishableKey: "pk_test_of_your_account" },
  daysPerMonth: 3,
  budgetUsdPerMonth: 1_000,
  logRetentionDays: 7,
  retainData: false,
}
