// 10,000 requests for a unit over 100 connections, 1,000 a second. A shopper without a free connection is dropped and counted.
import { levelsOf, prepare, reserve, steady } from "./shop.js"

export const options = {
  scenarios: {
    requests: steady(1_000, 10, 100, 100),
  },
  thresholds: levelsOf("write"),
}
export const setup = () => prepare({ shoppers: 10_000, stock: 1_000 })
export default (data) => void reserve(data)
