// Two hours of an ordinary day. A comparison of the last minutes with the first shows growth and leaks.
import { levelsOf, look as lookAt, prepare, shop, steady } from "./shop.js"

const seconds = 2 * 3_600

export const options = {
  scenarios: {
    lookers: { ...steady(1_000, seconds, 200), exec: "look" },
    shoppers: { ...steady(100, seconds, 500), exec: "buy" },
  },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 100_000, stock: 500_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
