// 1,000 users for 60 s: each sends about one request a second, and one request in ten asks for a unit.
import { levelsOf, look as lookAt, prepare, shop, steady } from "./shop.js"

export const options = {
  scenarios: { lookers: { ...steady(900, 60, 300, 300), exec: "look" }, shoppers: { ...steady(100, 60, 700, 700), exec: "buy" } },
  thresholds: levelsOf("read", "write", "checkout"),
}
export const setup = () => prepare({ shoppers: 1_000, stock: 1_000 })
export const buy = (data) => shop(data)
export const look = (data) => lookAt(data)
