import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"

/** A new reader must be able to read all files of the trip at once. */
const maxFiles = 20

interface Stop {
  readonly file: string
  readonly text: string
}

/** The files of the trip in their order, from the section of the architecture that lists them. */
function tripIn(document: string): Stop[] {
  const [, section = ""] = document.split(/^## The trip of one reservation$/m)
  const [list = ""] = section.split(/^## /m)
  const items = list.matchAll(/^\d+\. \[([^\]]+)\]\(\.\.\/([^)]+)\): ((?:.+\n?)(?: {3,}.+\n?)*)/gm)
  return [...items].map(([, name = "", file = "", text = ""]) => {
    expect(name, "the link names its file").toBe(file)
    return { file, text }
  })
}

/** The files that a module imports, seen from the root. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, specifier = ""]) => join(dirname(file), specifier))

/** The faults of a trip; none when a reader can follow it from the first file to the last. */
function faultsOf(trip: readonly Stop[]): string[] {
  return trip.flatMap(({ file, text }, index) => {
    const before = trip.slice(0, index)
    if (!existsSync(file)) return [`${file} does not exist`]
    if (before.some((earlier) => earlier.file === file)) return [`${file} is entered twice`]
    const isReached = before.some((earlier) => existsSync(earlier.file) && importsOf(earlier.file).includes(file))
    return index === 0 || isReached || /\bcrosses (Kafka|SQL)\b/.test(text) ? [] : [`${file} is imported by no file before it`]
  })
}

describe("the trip of one reservation", () => {
  const trip = tripIn(readFileSync("docs/ARCHITECTURE.md", "utf8"))

  test("goes from the handler to the ledger and back in few files, each reached from one before it and entered once", () => {
    expect(faultsOf(trip)).toEqual([])
    expect(trip.length).toBeLessThanOrEqual(maxFiles)
    expect(trip.at(0)?.file).toBe("lambdas/reserve/handler.ts")
    expect(trip.filter(({ text }) => text.includes("crosses")).length).toBe(2)
    expect(trip.at(-1)?.file).toBe("lambdas/reserve/answer.ts")
  })

  test("is refused with a file that does not exist, one that is listed twice, or one that no earlier file imports", () => {
    const [first, second, third] = trip
    if (!first || !second || !third) return expect.unreachable("the list has no files")
    expect(faultsOf([first, { file: "core/gone.ts", text: "" }])).toEqual(["core/gone.ts does not exist"])
    expect(faultsOf([first, second, first])).toEqual([`${first.file} is entered twice`])
    expect(faultsOf([first, third])).toEqual([`${third.file} is imported by no file before it`])
  })

  test("is read completely: the list has no number without a file", () => {
    const [, section = ""] = readFileSync("docs/ARCHITECTURE.md", "utf8").split(/^## The trip of one reservation$/m)
    const [list = ""] = section.split(/^## /m)
    expect(list.match(/^\d+\. /gm)).toHaveLength(trip.length)
  })
})
