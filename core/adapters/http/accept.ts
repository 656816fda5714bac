import { problem } from "../../contracts/problems.ts"
import type { Step } from "./exchange.ts"

/** The media types of this API's answers. */
const answerable = new Set(["application/json", "application/problem+json", "application/*", "*/*"])

/** Refuses clients that could not read the answer. No Accept header, or an empty one, accepts everything (RFC 9110). */
export const accept = (): Step => ({
  before: ({ event: { event } }) => {
    const { accept: wanted } = event.headers
    if (wanted === undefined || answerable.has(wanted) || wanted.trim() === "") return
    if (!wanted.split(",").some(accepts)) throw problem("not-acceptable")
  },
})

/** One media range with its parameters: it counts if its weight is above zero. */
function accepts(range: string): boolean {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
  if (!answerable.has(type)) return false
  const weight = parameters.find((parameter) => parameter.startsWith("q="))
  return weight === undefined || Number(weight.slice(2)) > 0
}
