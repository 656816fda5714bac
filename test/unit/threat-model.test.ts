import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const url = new URL("../../docs/THREAT-MODEL.md", import.meta.url)
const [, ...boundaries] = readFileSync(url, "utf8").split(/^## /m)
const tables = boundaries
  .map((text) => ({
    boundary: text.split("\n", 1)[0] ?? "",
    rows: [...text.matchAll(/^\| ([A-Z]) \| (.+?) \| (.+) \|$/gm)].map(([, letter = "", threat = "", answer = ""]) => ({
      letter,
      threat,
      answer,
    })),
  }))
  .filter(({ rows }) => rows.length > 0)

test("the document has trust boundaries", () => {
  expect(tables.length).toBeGreaterThan(6)
})

describe.each(tables)("$boundary", ({ rows }) => {
  test("is examined for all six kinds of threat", () => {
    expect(rows.map(({ letter }) => letter)).toEqual(["S", "T", "R", "I", "D", "E"])
  })
  test.each(rows)("$letter: $threat, has an answer that exists", ({ answer }) => {
    const links = [...answer.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)]
    expect(links.length).toBeGreaterThan(0)
    for (const [, name = "", target = ""] of links) {
      expect(existsSync(fileURLToPath(new URL(target, url))), target).toBe(true)
      expect(target.endsWith(`/${name}`)).toBe(true)
    }
  })
})
