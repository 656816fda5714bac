import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createTransactor, type Transact } from "../../core/adapters/postgres/transaction.ts"
import { createEvidence, type Evidence } from "../../lambdas/batch-writer/evidence.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import { type GivenDatabase, givenDatabase, requestsTopic } from "../sale/given-sale.ts"
import {
  changingIllness,
  changingIllnessNeeds,
  heal,
  type Illness,
  illConnections,
  illConnectionsNeed,
  illnesses,
  sickCheck,
  strike,
} from "../sale/illnesses.ts"
import { requestRecord } from "../sale/records.ts"

/**
 * A writer blames a record only on evidence (ADR 0020). Each control leaves a part of the evidence out, under an illness that only this
 * part tells from a fault of the record: the careless writer quarantines a valid request, the real one decides it in the end.
 */
interface Control {
  readonly mistake: string
  readonly illness: Illness
  readonly needs?: string
  readonly careless: (real: Evidence) => Partial<Evidence>
  /** How the careless writer reaches PostgreSQL, where that is its mistake. */
  readonly transact?: (real: Transact) => Transact
}

const sickRows = illnesses.find(({ name }) => name === "every reservation, speaking of data (22003)") ?? sickCheck

const controls: readonly Control[] = [
  {
    mistake: "quarantines on any error",
    illness: sickCheck,
    careless: () => ({ speaksOfData: () => true, failsTheSame: () => true, somethingElseCommits: async () => true }),
  },
  {
    mistake: "takes a constraint for a word about data",
    illness: sickCheck,
    careless: (real) => ({
      speaksOfData: (error) => real.speaksOfData(error) || String((error as { code?: string }).code).startsWith("23"),
      // An empty batch alone: it commits, although no reservation can.
      somethingElseCommits: async () => true,
    }),
  },
  {
    mistake: "does not compare the second failure with the first",
    illness: changingIllness,
    needs: changingIllnessNeeds,
    careless: () => ({ failsTheSame: () => true }),
  },
  {
    mistake: "looks again on a connection that was open before",
    illness: illConnections,
    needs: illConnectionsNeed,
    // To look whether something else commits would close the ill connections.
    careless: () => ({ somethingElseCommits: async () => true }),
    transact: (real) => (scope, plan) => real(scope, plan),
  },
  {
    mistake: "skips the check that something else commits",
    illness: sickRows,
    careless: () => ({ somethingElseCommits: async () => true }),
  },
]

/** Enough for the tries that meet an illness, too little to wait for long. */
const hurried = () => 300

describe.each(controls)("a writer that $mistake", ({ illness, needs, careless, transact = (real) => real }) => {
  let given: GivenDatabase
  beforeEach(async () => {
    given = await givenDatabase()
    if (needs === illConnectionsNeed) await openConnections(given)
    if (needs !== undefined) await given.superuser.query(needs)
  })
  afterEach(() => given.close())

  /** Writes a valid record under the illness, and again when it is healed. @returns what is in quarantine */
  async function quarantinedUnderIllness(isCareless: boolean): Promise<readonly unknown[]> {
    const real = createTransactor({ pool: given.transition })
    const evidence = createEvidence(real)
    const writer = createWriter({
      pool: given.transition,
      projection: given.projection,
      transact: isCareless ? transact(real) : real,
      optimisticWriter: undefined,
      evidence: isCareless ? { ...evidence, ...careless(evidence) } : evidence,
    })
    const sku = await given.sku({ total_stock: 5 })
    const line = given.line(sku.partition, [requestRecord(sku)])
    await strike(given.superuser, illness)
    await writer.write(requestsTopic, sku.partition, line, hurried)
    await heal(given.superuser, illness)
    expect(await writer.write(requestsTopic, sku.partition, line, hurried)).toEqual({ kind: "written" })
    await given.expectInvariants()
    const { rows } = await given.superuser.query("SELECT reason FROM quarantine")
    return rows
  }

  test("quarantines a valid request", async () => {
    expect(await quarantinedUnderIllness(true)).toHaveLength(1)
  })

  test("is told apart from the real one, which quarantines nothing", async () => {
    expect(await quarantinedUnderIllness(false)).toEqual([])
  })
})

/** Idle connections that are there before the illness. */
async function openConnections(given: GivenDatabase): Promise<void> {
  const open = await Promise.all(Array.from({ length: 4 }, () => given.transition.connect()))
  for (const client of open) client.release()
}
