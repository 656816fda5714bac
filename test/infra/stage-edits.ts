import { type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"
import { type Draft, type Edit, type Path, setting } from "./edited-stage.ts"

export interface Case {
  /** `prod` with a change at the guardrail's limit, and with one just beyond it. */
  readonly passes: Edit
  readonly fails: Edit
  /** The given value and the limit, as in the message. */
  readonly says: readonly string[]
}

export const onFunctions = (stage: Draft, reservationsPerSecond: number, environments = 400) => {
  stage.reserve = { kind: "functions" }
  stage.functions.reserve.reservedConcurrency = environments
  stage.capacity.peakReservationsPerSecond = reservationsPerSecond
}
export const standardBrokers = (stage: Draft, storageGiB?: number) => {
  stage.kafka = { kind: "standard", instanceType: "kafka.m7g.large", brokersPerZone: 1, auth: "iam" }
  if (storageGiB !== undefined) stage.kafka.storageGiBPerBroker = storageGiB
}
export const managed = (stage: Draft, minimum: number, maximum: number) => {
  if (stage.reserve.kind === "functions") throw new Error("prod reserves on managed instances")
  stage.reserve.minimumEnvironments = minimum
  stage.reserve.maximumEnvironments = maximum
}
/** A stage that sends notices, with a further change. */
export const mailing =
  (edit: Edit = () => {}): Edit =>
  (stage) => {
    const names = { zoneName: "shop.example", siteName: "sale.shop.example", apiName: "api.shop.example" }
    stage.domain = { hostedZoneId: "Z1", ...names, senderAddress: "no-reply@shop.example" }
    edit(stage)
  }
export const secondSale = (stage: Draft, opensAt: string) => {
  const [first] = stage.sales
  if (first) stage.sales.push({ ...first, skuId: "SKU-002", opensAt, closesAt: "2027-03-20T18:00:00Z" })
}
export const sale = (key: keyof Draft["sales"][number], value: unknown): Edit => {
  return ({ sales: [first] }) => {
    if (first) Reflect.set(first, key, value)
  }
}

/** A value at the limit, which passes, and the next one, which fails. */
export const at = (path: Path, passes: unknown, fails: unknown, ...says: readonly string[]): Case => ({
  passes: setting(path, passes),
  fails: setting(path, fails),
  says,
})
/** A value that always fails. */
export const never = (path: Path, fails: unknown, ...says: readonly string[]): Case => ({
  passes: () => {},
  fails: setting(path, fails),
  says,
})

export const smallDisk = (allocatedGiB: number): Edit => {
  return (stage) => {
    stage.database.allocatedGiB = allocatedGiB
    delete stage.database.iops
  }
}
export const leaderTakes = (recordBytes: number): Edit => {
  return ({ capacity }) => {
    capacity.peakReservationsPerSecond = 24_960
    capacity.recordBytes = recordBytes
  }
}
export const recoveryIn = (region: string) => ({ region, availabilityZones: [`${region}a`, `${region}b`, `${region}c`] })

/** The stage as a trial, which has nothing that anybody would miss, with a further change. */
export const trialWith = (edit: Edit): Edit => {
  return (stage) => {
    stage.trial = true
    stage.sales = []
    stage.retainData = false
    delete stage.disasterRecovery
    delete stage.pagers
    delete stage.pipeline
    edit(stage)
  }
}
export const oneSale: Edit = (stage) => {
  stage.sales = (structuredClone(stages.prod) as Draft).sales
}
/** A trial in two zones with brokers of a size. */
export const inTwoZones = (instanceType: string): Edit =>
  trialWith((stage) => {
    stage.availabilityZones = ["eu-central-1a", "eu-central-1b"]
    stage.kafka = { ...stage.kafka, kind: instanceType.startsWith("express") ? "express" : "standard", instanceType }
  })

/** Ten hot SKUs, whose events need four pollers in each group. @param weak a group with one less */
export const eventPollers = (weak?: GroupName): Edit => {
  return (stage) => {
    stage.capacity.hotSkus = 10
    for (const group of groupNames("reservationEvents")) {
      const pollers = group === weak ? 3 : 4
      stage.eventSources[group].pollers = { minimum: pollers, maximum: pollers }
    }
  }
}

const { disasterRecovery: _region, ...inOneRegion } = stages.prod
/** `prod` without its second region, and with the budget of that. */
export const prodInOneRegion: StageConfig = { ...inOneRegion, budgetUsdPerMonth: 16_000 }
