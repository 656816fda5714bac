// Ten hostile requests for each good one: hostile ones get nothing, good ones are served as if they were alone.
import { attack as attackShop, durationOf, levelsOf, mixLevels, prepare, rateOf, shop, timeUnit, usersOf } from "./shop.js"

const goodPerSecond = 200
const hostilePerGood = 10

const steady = (perSecond, users) => ({
  executor: "constant-arrival-rate",
  rate: rateOf(perSecond),
  timeUnit,
  duration: durationOf(60),
  preAllocatedVUs: usersOf(users),
  maxVUs: usersOf(4 * users),
})

export const options = {
  scenarios: {
    good: { ...steady(goodPerSecond, 1_000), exec: "good" },
    hostile: { ...steady(goodPerSecond * hostilePerGood, 500), exec: "attack" },
  },
  thresholds: { ...levelsOf("write", "checkout"), ...mixLevels },
}
export const setup = () => prepare({ shoppers: 10_000, stock: 5_000 })
export const good = (data) => shop(data)
export const attack = (data) => attackShop(data)
