import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createTransactor, type Transact } from "../../core/adapters/postgres/transaction.ts"
import { createEvidence, type Evidence } from "../../lambdas/batch-writer/evidence.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import { type GivenDatabase, givenDatabase, requestsTopic } from "../sale/given-sale.ts"
import {
  changingOutage,
  changingOutageNeeds,
  endOutage,
  failingCheck,
  failingConnections,
  failingConnectionsNeed,
  type Outage,
  outages,
  startOutage,
} from "../sale/outages.ts"
import { requestRecord } from "../sale/records.ts"

/**
 * A writer quarantines a record only on evidence (ADR 0020). Each control leaves out a part of the evidence, under an outage that
 * only this part distinguishes from a fault of the record. The faulty writer quarantines a valid request, and the real one
 * decides it after the outage.
 */
interface Control {
  readonly mistake: string
  readonly outage: Outage
  readonly needs?: string
  readonly faulty: (real: Evidence) => Partial<Evidence>
  /** The transactor of the faulty writer, if the mistake is in it. */
  readonly transact?: (real: Transact) => Transact
}

const failingRows = outages.find(({ name }) => name === "every reservation, about data (22003)") ?? failingCheck

const controls: readonly Control[] = [
  {
    mistake: "quarantines on any error",
    outage: failingCheck,
    faulty: () => ({ speaksOfData: () => true, failsTheSame: () => true, somethingElseCommits: async () => true }),
  },
  {
    mistake: "treats a constraint violation as an error about data",
    outage: failingCheck,
    faulty: (real) => ({
      speaksOfData: (error) => real.speaksOfData(error) || String((error as { code?: string }).code).startsWith("23"),
      // An empty batch commits, although no reservation can.
      somethingElseCommits: async () => true,
    }),
  },
  {
    mistake: "does not compare the second failure with the first",
    outage: changingOutage,
    needs: changingOutageNeeds,
    faulty: () => ({ failsTheSame: () => true }),
  },
  {
    mistake: "tries again on a connection that was open before",
    outage: failingConnections,
    needs: failingConnectionsNeed,
    // The check whether something else commits would close the failing connections.
    faulty: () => ({ somethingElseCommits: async () => true }),
    transact: (real) => (scope, plan) => real(scope, plan),
  },
  {
    mistake: "skips the check that something else commits",
    outage: failingRows,
    faulty: () => ({ somethingElseCommits: async () => true }),
  },
]

/** Enough for the tries that meet an outage, and too little for long waits. */
const shortTimeLeftMs = () => 300

describe.each(controls)("a writer that $mistake", ({ outage, needs, faulty, transact = (real) => real }) => {
  let given: GivenDatabase
  beforeEach(async () => {
    given = await givenDatabase()
    if (needs === failingConnectionsNeed) await openConnections(given)
    if (needs !== undefined) await given.superuser.query(needs)
  })
  afterEach(() => given.close())

  /** Writes a valid record during the outage, and again after it. @returns the rows of the quarantine */
  async function quarantinedUnderOutage(isFaulty: boolean): Promise<readonly unknown[]> {
    const real = createTransactor({ pool: given.transition })
    const evidence = createEvidence(real)
    const writer = createWriter({
      pool: given.transition,
      projection: given.projection,
      transact: isFaulty ? transact(real) : real,
      optimisticWriter: undefined,
      evidence: isFaulty ? { ...evidence, ...faulty(evidence) } : evidence,
    })
    const sku = await given.sku({ total_stock: 5 })
    const delivered = given.append(sku.partition, [requestRecord(sku)])
    await startOutage(given.superuser, outage)
    await writer.write(requestsTopic, sku.partition, delivered, shortTimeLeftMs)
    await endOutage(given.superuser, outage)
    expect(await writer.write(requestsTopic, sku.partition, delivered, shortTimeLeftMs)).toEqual({ kind: "written" })
    await given.expectInvariants()
    const { rows } = await given.superuser.query("SELECT reason FROM quarantine")
    return rows
  }

  test("quarantines a valid request", async () => {
    expect(await quarantinedUnderOutage(true)).toHaveLength(1)
  })

  test("does what the real writer does not: that one quarantines nothing", async () => {
    expect(await quarantinedUnderOutage(false)).toEqual([])
  })
})

/** Opens idle connections before the outage. */
async function openConnections(given: GivenDatabase): Promise<void> {
  const open = await Promise.all(Array.from({ length: 4 }, () => given.transition.connect()))
  for (const client of open) client.release()
}
