import type { Agent, EdgeView, Hello } from "./clients.ts"
import { addressOf, type Cohort, type Plot, personAsks, pick, scriptAsks, sized, stubbornAsks } from "./cohort.ts"
import { buysOnce, type HoldCohort, neverPays } from "./hold-cohort.ts"
import { atRandomMs, everyMs, inBursts } from "./timing.ts"

const browsers = ["chrome", "firefox", "safari", "phone"] as const satisfies readonly (Agent & Hello)[]
/** Shoppers whose browser does not send back the challenge's cookie. */
const cookielessShare = 0.02

/** Each cohort has its own addresses. */
const block = (cohort: number) => (number: number) => addressOf(cohort * 4_096 + number)
const cohort = (name: string, hostile: boolean, heldOut: boolean, plan: Cohort["plan"]): Cohort => ({
  name,
  hostile,
  heldOut,
  plan,
})
/** The requests of `full` actors (times the scale), one after the other. */
const each = (full: number, plot: Plot, asks: (index: number) => ReturnType<Cohort["plan"]>) =>
  Array.from({ length: sized(full, plot) }, (_, index) => asks(index)).flat()

/** The kinds for which the weights and limits of the scoring were made. */
const known: readonly Cohort[] = [
  cohort("people at home", false, false, (plot) =>
    each(400, plot, (index) => {
      const agent = pick(plot.random, browsers)
      const visited = plot.random() >= cookielessShare
      return personAsks({ name: `home-${index}`, agent, edge: { address: block(0)(index), hello: agent, visited } }, plot)
    }),
  ),
  cohort("offices behind one address", false, false, (plot) =>
    each(320, plot, (index) => {
      const edge = { address: block(1)(index % 8), hello: "chrome", visited: true } as const
      return personAsks({ name: `office-${index}`, agent: "chrome", edge }, plot)
    }),
  ),
  cohort("fast scripts", true, false, (plot) =>
    each(6, plot, (index) => {
      const edge = { address: block(2)(index), hello: "python", visited: false } as const
      return scriptAsks(
        { name: `fast-${index}`, timing: everyMs(100, 0.05), accounts: 1, agent: "python", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("slow scripts", true, false, (plot) =>
    each(20, plot, (index) => {
      const edge = { address: block(3)(index), hello: "go", visited: false } as const
      return scriptAsks(
        { name: `slow-${index}`, timing: everyMs(4_000, 0.1), accounts: 1, agent: "chrome", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("rotating names", true, false, (plot) =>
    each(4, plot, (index) => {
      // It sends the same bytes as Chrome, including the TLS hello, and never the same name twice.
      const edge = { address: block(4)(index), hello: "chrome", visited: false } as const
      const script = { name: `rotating-${index}`, timing: everyMs(500, 0.1), accounts: 120, agent: "chrome" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  // A hundred thousand requests a second from 20,000 machines; this cohort has five hundred of them.
  cohort("botnet, 1:500", true, false, (plot) =>
    each(40, plot, (index) => {
      const edge = { address: block(5)(index), hello: "go", visited: false } as const
      return scriptAsks(
        { name: `botnet-${index}`, timing: everyMs(200, 0.2), accounts: 5, agent: "chrome", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("phones behind a carrier", false, false, (plot) =>
    each(200, plot, (index) => {
      const edge = { address: block(6)(index % 2), hello: "phone", visited: plot.random() >= cookielessShare } as const
      return personAsks({ name: `carrier-${index}`, agent: "phone", edge }, plot)
    }),
  ),
  cohort("offices whose proxy reads along", false, false, (plot) =>
    each(120, plot, (index) => {
      const edge = { address: block(7)(index % 4), hello: "interceptor", visited: true } as const
      return personAsks({ name: `proxy-${index}`, agent: "chrome", edge }, plot)
    }),
  ),
  cohort("impatient people", false, false, (plot) =>
    each(60, plot, (index) => {
      const agent = pick(plot.random, browsers)
      const edge = { address: block(8)(index), hello: agent, visited: true }
      return stubbornAsks({ name: `impatient-${index}`, agent, edge, medianMs: 1_500, most: 7 }, plot)
    }),
  ),
  cohort("people who say little", false, false, (plot) =>
    each(60, plot, (index) => {
      const edge = { address: block(9)(index), hello: "firefox", visited: plot.random() < 0.7 } as const
      return personAsks({ name: `private-${index}`, agent: "private", edge }, plot)
    }),
  ),
  cohort("driven browsers", true, false, (plot) =>
    each(10, plot, (index) => {
      // A real browser that has loaded the page. The edge detects some of them.
      const shown = { address: block(10)(index), hello: "chrome", visited: true } as const
      const edge: EdgeView = index % 2 === 0 ? { ...shown, label: "bot" } : shown
      return scriptAsks(
        { name: `driven-${index}`, timing: everyMs(1_500, 0.3), accounts: 1, agent: "chrome", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("scripts that stray", true, false, (plot) =>
    each(15, plot, (index) => {
      const edge = { address: block(11)(index), hello: "curl", visited: false } as const
      return scriptAsks(
        { name: `stray-${index}`, timing: everyMs(3_000, 0.7), accounts: 2, agent: "firefox", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("bursts", true, false, (plot) =>
    each(8, plot, (index) => {
      const edge = { address: block(12)(index), hello: "python", visited: false } as const
      const script = { name: `burst-${index}`, timing: inBursts(12, 400, 7_000), accounts: 20, agent: "python" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("another botnet, 1:1,000", true, false, (plot) =>
    each(25, plot, (index) => {
      const edge = { address: block(13)(index), hello: "curl", visited: plot.random() < 0.1 } as const
      const script = { name: `botnet2-${index}`, timing: atRandomMs(250), accounts: 30, agent: "safari" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("a new address for each request", true, false, (plot) =>
    each(1, plot, () => {
      const edgeOf = (_: unknown, request: number) => ({ address: block(14)(request), hello: "chrome", visited: false }) as const
      return scriptAsks({ name: "moving", timing: atRandomMs(400), accounts: 30, agent: "chrome", edge: edgeOf }, plot)
    }),
  ),
  cohort("hired people", true, false, (plot) =>
    each(40, plot, (index) => {
      // No signal distinguishes them from shoppers, because they are shoppers.
      const agent = pick(plot.random, browsers)
      return personAsks({ name: `hired-${index}`, agent, edge: { address: block(15)(index), hello: agent, visited: true } }, plot)
    }),
  ),
  cohort("students in one house", false, false, (plot) =>
    each(90, plot, (index) => {
      const agent = pick(plot.random, browsers)
      const edge = { address: `2001:db8:16:1::${(index + 1).toString(16)}`, hello: agent, visited: true }
      return personAsks({ name: `student-${index}`, agent, edge }, plot)
    }),
  ),
  cohort("people who do not give up", false, false, (plot) =>
    each(50, plot, (index) => {
      const agent = pick(plot.random, browsers)
      const edge = { address: block(17)(index), hello: agent, visited: plot.random() >= cookielessShare }
      return stubbornAsks({ name: `stubborn-${index}`, agent, edge, medianMs: 5_000, most: 10 }, plot)
    }),
  ),
  cohort("people with an old browser", false, false, (plot) =>
    each(80, plot, (index) => {
      const edge = { address: block(18)(index), hello: "safari", visited: true } as const
      return personAsks({ name: `old-${index}`, agent: "old", edge }, plot)
    }),
  ),
  cohort("stop and go", true, false, (plot) =>
    each(15, plot, (index) => {
      const edge = { address: block(19)(index), hello: "python", visited: false } as const
      const script = { name: `stop-${index}`, timing: inBursts(6, 1_800, 15_000), accounts: 3, agent: "safari" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("patient scripts", true, false, (plot) =>
    each(25, plot, (index) => {
      const edge = { address: block(20)(index), hello: "firefox", visited: false } as const
      const script = { name: `patient-${index}`, timing: atRandomMs(5_000), accounts: 1, agent: "firefox" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("a fleet in one network", true, false, (plot) =>
    each(2, plot, (index) => {
      const edgeOf = (_: unknown, request: number) => ({
        ...{ address: `2001:db8:21:${index}::${(request % 200).toString(16)}`, hello: "go" as const, visited: false },
      })
      const script = { name: `fleet-${index}`, timing: atRandomMs(50), accounts: 60, agent: "go" } as const
      return scriptAsks({ ...script, edge: edgeOf }, plot)
    }),
  ),
  cohort("copied cookies", true, false, (plot) =>
    each(6, plot, (index) => {
      const edge = { address: block(22)(index), hello: "go", visited: true } as const
      const script = { name: `copied-${index}`, timing: atRandomMs(500), accounts: 8, agent: "chrome" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("driven browsers, faster", true, false, (plot) =>
    each(12, plot, (index) => {
      const edge = { address: block(23)(index), hello: "chrome", visited: true } as const
      const script = { name: `driven2-${index}`, timing: everyMs(600, 0.25), accounts: 1, agent: "chrome" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
]

/**
 * Kinds, or parameters of kinds, for which the scoring was not made. No part of the scoring was changed after they had been
 * played. A kind that was held out before and was let in too often is among the known ones since the scoring was corrected for it
 * (docs/FAIRNESS.md).
 */
const heldOut: readonly Cohort[] = [
  cohort("newcomers of the day", false, true, (plot) =>
    each(80, plot, (index) => {
      const agent = pick(plot.random, browsers)
      const edge = { address: block(24)(index), hello: agent, visited: plot.random() >= cookielessShare }
      const account = { name: `newcomer-${index}`, tier: 2, ageSeconds: 3_600 } as const
      return personAsks({ name: account.name, agent, edge }, plot).map((ask) => ({ ...ask, account }))
    }),
  ),
  cohort("families", false, true, (plot) =>
    each(120, plot, (index) => {
      const edge = { address: block(25)(Math.floor(index / 3)), hello: "safari", visited: true } as const
      return stubbornAsks({ name: `family-${index}`, agent: "safari", edge, medianMs: 8_000, most: 5 }, plot)
    }),
  ),
  cohort("a stadium's network", false, true, (plot) =>
    each(150, plot, (index) => {
      const edge = { address: block(26)(index % 3), hello: "phone", visited: true } as const
      return personAsks({ name: `stadium-${index}`, agent: "phone", edge }, plot)
    }),
  ),
  cohort("a third botnet, 1:1,000", true, true, (plot) =>
    each(30, plot, (index) => {
      const edge = { address: block(27)(index), hello: "python", visited: plot.random() < 0.05 } as const
      const script = { name: `botnet3-${index}`, timing: everyMs(300, 0.9), accounts: 15, agent: "firefox" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("small bursts of a browser", true, true, (plot) =>
    each(20, plot, (index) => {
      const edge = { address: block(28)(index), hello: "chrome", visited: false } as const
      const script = { name: `early-${index}`, timing: inBursts(5, 1_000, 12_000), accounts: 2, agent: "chrome" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("scripts with old headers", true, true, (plot) =>
    each(8, plot, (index) => {
      const edge = { address: block(29)(index), hello: "interceptor", visited: true } as const
      const script = { name: `dated-${index}`, timing: atRandomMs(1_500), accounts: 1, agent: "old" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("a farm of phones", true, true, (plot) =>
    each(3, plot, (index) => {
      const edge = { address: block(30)(index), hello: "phone", visited: true } as const
      const script = { name: `farm-${index}`, timing: atRandomMs(600), accounts: 40, agent: "phone" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
]

export const population: readonly Cohort[] = [...known, ...heldOut]

/** The accounts that never pay, at full size. Their sale has a unit for each of them. */
export const fullHoldStock = 100
/** Three people for each unit. */
const fullBuyers = 3 * fullHoldStock
/** Sales with short holds share one block of addresses. Each of them has this many. */
const addressesOfHoldSale = 2_048

/**
 * The cohorts of the sales with short holds, which run at the same time as the sale of the population above. The ratios do not
 * include them, so that they can be compared with those of earlier runs.
 */
export const holdPopulation: readonly HoldCohort[] = [
  {
    name: "accounts that never pay",
    hostile: true,
    plan: (plot) =>
      Array.from({ length: sized(fullHoldStock, plot) }, (_, index) => {
        const address = block(31)(plot.sale * addressesOfHoldSale + index)
        return neverPays({ name: `never-pays-${index}`, edge: { address, hello: "firefox", visited: true } }, plot)
      }),
  },
  {
    name: "people at any time",
    hostile: false,
    plan: (plot) =>
      Array.from({ length: sized(fullBuyers, plot) }, (_, index) => {
        const address = `2001:db8:${32 + plot.sale}:${index.toString(16)}::1`
        return buysOnce({ name: `buys-once-${index}`, edge: { address, hello: "firefox", visited: true } }, plot)
      }),
  },
]
