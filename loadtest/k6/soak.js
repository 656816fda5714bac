// Two hours of an ordinary day: what grows, leaks or fills up shows in the last minutes as against the first.
import { durationOf, levelsOf, look as lookAt, prepare, rateOf, shop, timeUnit, usersOf } from "./shop.js"

const steady = (perSecond, users) => ({
  executor: "constant-arrival-rate",
  rate: rateOf(perSecond),
  timeUnit,
  duration: durationOf(2 * 3_600),
  preAllocatedVUs: usersOf(users),
  maxVUs: usersOf(4 * users),
})

export const options = {
  scenarios: { lookers: { ...steady(1_000, 200), exec: "look" }, shoppers: { ...steady(100, 500), exec: "buy" } },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 100_000, stock: 500_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
