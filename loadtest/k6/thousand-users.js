// 1,000 users for 60 s: each does something about once a second, one thing in ten is a request for a unit.
import { durationOf, levelsOf, look as lookAt, prepare, rateOf, shop, timeUnit, usersOf } from "./shop.js"

const steady = (perSecond, users) => ({
  executor: "constant-arrival-rate",
  rate: rateOf(perSecond),
  timeUnit,
  duration: durationOf(60),
  preAllocatedVUs: usersOf(users),
  maxVUs: usersOf(users),
})

export const options = {
  scenarios: { lookers: { ...steady(900, 300), exec: "look" }, shoppers: { ...steady(100, 700), exec: "buy" } },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 1_000, stock: 1_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
