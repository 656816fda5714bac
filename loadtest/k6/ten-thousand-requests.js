// 10,000 requests for a unit over 100 connections, 1,000 a second: a shopper more than there are connections is dropped, and counted.
import { durationOf, levelsOf, prepare, rateOf, reserve, timeUnit, usersOf } from "./shop.js"

export const options = {
  scenarios: {
    requests: {
      executor: "constant-arrival-rate",
      rate: rateOf(1_000),
      timeUnit,
      duration: durationOf(10),
      preAllocatedVUs: usersOf(100),
      maxVUs: usersOf(100),
    },
  },
  thresholds: levelsOf("write"),
}
export const setup = () => prepare({ shoppers: 10_000, stock: 1_000 })
export default (data) => void reserve(data)
