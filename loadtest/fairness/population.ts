import type { Agent, EdgeView, Hello } from "./clients.ts"
import { addressOf, type Cohort, impatientAsks, type Plot, personAsks, pick, scriptAsks, sized } from "./cohort.ts"
import { atRandomMs, everyMs, inBursts } from "./timing.ts"

const browsers = ["chrome", "firefox", "safari", "phone"] as const satisfies readonly (Agent & Hello)[]
/** Shoppers whose browser keeps the challenge's cookie from coming back. */
const cookielessShare = 0.02

/** Each cohort has its own addresses. */
const block = (cohort: number) => (number: number) => addressOf(cohort * 4_096 + number)
const cohort = (name: string, hostile: boolean, heldOut: boolean, plan: Cohort["plan"]): Cohort => ({
  name,
  hostile,
  heldOut,
  plan,
})
/** The asks of `full` actors (times the scale), one after the other. */
const each = (full: number, plot: Plot, asks: (index: number) => ReturnType<Cohort["plan"]>) =>
  Array.from({ length: sized(full, plot) }, (_, index) => asks(index)).flat()

/** The kinds that the weights of core/domain/suspicion.ts were made for. */
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
      // It sends what Chrome sends, to the last byte of the hello, and never the same name twice.
      const edge = { address: block(4)(index), hello: "chrome", visited: false } as const
      const script = { name: `rotating-${index}`, timing: everyMs(500, 0.1), accounts: 120, agent: "chrome" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  // A hundred thousand requests a second from 20,000 machines, one of five hundred of them.
  cohort("botnet, 1:500", true, false, (plot) =>
    each(40, plot, (index) => {
      const edge = { address: block(5)(index), hello: "go", visited: false } as const
      return scriptAsks(
        { name: `botnet-${index}`, timing: everyMs(200, 0.2), accounts: 5, agent: "chrome", edge: () => edge },
        plot,
      )
    }),
  ),
]

/** Kinds, or parameters of kinds, that the scoring was not made with in view. Nothing in it was changed after they had been played. */
const heldOut: readonly Cohort[] = [
  cohort("phones behind a carrier", false, true, (plot) =>
    each(200, plot, (index) => {
      const edge = { address: block(6)(index % 2), hello: "phone", visited: plot.random() >= cookielessShare } as const
      return personAsks({ name: `carrier-${index}`, agent: "phone", edge }, plot)
    }),
  ),
  cohort("offices whose proxy reads along", false, true, (plot) =>
    each(120, plot, (index) => {
      const edge = { address: block(7)(index % 4), hello: "interceptor", visited: true } as const
      return personAsks({ name: `proxy-${index}`, agent: "chrome", edge }, plot)
    }),
  ),
  cohort("impatient people", false, true, (plot) =>
    each(60, plot, (index) => {
      const agent = pick(plot.random, browsers)
      return impatientAsks(
        { name: `impatient-${index}`, agent, edge: { address: block(8)(index), hello: agent, visited: true } },
        plot,
      )
    }),
  ),
  cohort("people who say little", false, true, (plot) =>
    each(60, plot, (index) => {
      const edge = { address: block(9)(index), hello: "firefox", visited: plot.random() < 0.7 } as const
      return personAsks({ name: `private-${index}`, agent: "private", edge }, plot)
    }),
  ),
  cohort("driven browsers", true, true, (plot) =>
    each(10, plot, (index) => {
      // A real browser that has read the page; the edge notices some of them.
      const shown = { address: block(10)(index), hello: "chrome", visited: true } as const
      const edge: EdgeView = index % 2 === 0 ? { ...shown, label: "bot" } : shown
      return scriptAsks(
        { name: `driven-${index}`, timing: everyMs(1_500, 0.3), accounts: 1, agent: "chrome", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("scripts that stray", true, true, (plot) =>
    each(15, plot, (index) => {
      const edge = { address: block(11)(index), hello: "curl", visited: false } as const
      return scriptAsks(
        { name: `stray-${index}`, timing: everyMs(3_000, 0.7), accounts: 2, agent: "firefox", edge: () => edge },
        plot,
      )
    }),
  ),
  cohort("bursts", true, true, (plot) =>
    each(8, plot, (index) => {
      const edge = { address: block(12)(index), hello: "python", visited: false } as const
      const script = { name: `burst-${index}`, timing: inBursts(12, 400, 7_000), accounts: 20, agent: "python" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("another botnet, 1:1,000", true, true, (plot) =>
    each(25, plot, (index) => {
      const edge = { address: block(13)(index), hello: "curl", visited: plot.random() < 0.1 } as const
      const script = { name: `botnet2-${index}`, timing: atRandomMs(250), accounts: 30, agent: "safari" } as const
      return scriptAsks({ ...script, edge: () => edge }, plot)
    }),
  ),
  cohort("a new address for each request", true, true, (plot) =>
    each(1, plot, () => {
      const edgeOf = (_: unknown, request: number) => ({ address: block(14)(request), hello: "chrome", visited: false }) as const
      return scriptAsks({ name: "moving", timing: atRandomMs(400), accounts: 30, agent: "chrome", edge: edgeOf }, plot)
    }),
  ),
  cohort("hired people", true, true, (plot) =>
    each(40, plot, (index) => {
      // Nothing tells them from shoppers: they are some.
      const agent = pick(plot.random, browsers)
      return personAsks({ name: `hired-${index}`, agent, edge: { address: block(15)(index), hello: agent, visited: true } }, plot)
    }),
  ),
]

export const population: readonly Cohort[] = [...known, ...heldOut]
