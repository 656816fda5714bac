// The reference sale: 10,000 units, 25,000 requests and 250,000 reads a second at the peak, 80 % of the shoppers in the first 30 s.
import { durationOf, levelsOf, look as lookAt, prepare, rateOf, shop, timeUnit, usersOf } from "./shop.js"

const requestsPerSecond = 25_000
const looksPerSecond = 250_000

/** A sharp rise, the peak, and a tail that falls linearly to zero (loadtest/rehearsal/arrivals.ts has the same curve). */
const curve = (perSecond) => ({
  executor: "ramping-arrival-rate",
  startRate: 0,
  timeUnit,
  stages: [
    { target: rateOf(perSecond), duration: durationOf(3) },
    { target: rateOf(perSecond), duration: durationOf(27) },
    { target: 0, duration: durationOf(90) },
  ],
})

export const options = {
  scenarios: {
    shoppers: { ...curve(requestsPerSecond), exec: "buy", preAllocatedVUs: usersOf(15_000), maxVUs: usersOf(40_000) },
    lookers: { ...curve(looksPerSecond), exec: "look", preAllocatedVUs: usersOf(40_000), maxVUs: usersOf(100_000) },
  },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 1_000_000, stock: 10_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
