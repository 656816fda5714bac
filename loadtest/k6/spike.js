// From a quiet evening to fifty times the load within a second, and back. Admitted requests must still be answered in time.
import { durationOf, levelsOf, look as lookAt, prepare, rateOf, shop, timeUnit, usersOf } from "./shop.js"

const spike = (perSecond) => ({
  executor: "ramping-arrival-rate",
  startRate: rateOf(perSecond / 50),
  timeUnit,
  stages: [
    { target: rateOf(perSecond / 50), duration: durationOf(30) },
    { target: rateOf(perSecond), duration: durationOf(1) },
    { target: rateOf(perSecond), duration: durationOf(20) },
    { target: rateOf(perSecond / 50), duration: durationOf(1) },
    { target: rateOf(perSecond / 50), duration: durationOf(60) },
  ],
})

export const options = {
  scenarios: {
    shoppers: { ...spike(5_000), exec: "buy", preAllocatedVUs: usersOf(2_500), maxVUs: usersOf(12_000) },
    lookers: { ...spike(20_000), exec: "look", preAllocatedVUs: usersOf(4_000), maxVUs: usersOf(10_000) },
  },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 100_000, stock: 10_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
