// Ten hostile requests for each good one. Hostile requests get nothing, and good ones are served as without them.
import { attack as attackShop, levelsOf, mixLevels, prepare, shop, steady } from "./shop.js"

const goodPerSecond = 200
const hostilePerGood = 10
const seconds = 60

export const options = {
  scenarios: {
    good: { ...steady(goodPerSecond, seconds, 1_000), exec: "good" },
    hostile: { ...steady(goodPerSecond * hostilePerGood, seconds, 500), exec: "attack" },
  },
  thresholds: { ...levelsOf("write", "checkout"), ...mixLevels },
}
export const setup = () => prepare({ shoppers: 10_000, stock: 5_000 })
export const good = (data) => shop(data)
export const attack = (data) => attackShop(data)
