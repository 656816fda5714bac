import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { described, findingsIn } from "../plain-language/findings.ts"
import { longestLine, rules } from "../plain-language/rules.ts"
import { samples } from "../plain-language/samples.ts"
import { coveredFolders, findingsBelow, textFiles } from "../plain-language/tree.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const found = (path: string, text: string) => findingsIn(path, text).map(({ line, instead }) => `${line}: ${instead}`)

test("the covered folders are in plain language", { timeout: 60_000 }, () => {
  expect(findingsBelow(root, coveredFolders).map(described)).toEqual([])
})

test("every covered folder has files that are read", () => {
  expect(coveredFolders.filter((folder) => textFiles(root, [folder]).length === 0)).toEqual([])
})

describe("a rule", () => {
  test.each(samples)("finds: $bad", ({ path, bad }) => {
    expect(found(path, bad)).not.toEqual([])
  })

  test.each(samples)("finds nothing in: $good", ({ path, good }) => {
    expect(found(path, good)).toEqual([])
  })

  test("has a sample that it finds", () => {
    const used = new Set(samples.flatMap(({ path, bad }) => findingsIn(path, bad).map(({ instead }) => instead)))
    expect(rules.map(({ instead }) => instead).filter((instead) => !used.has(instead))).toEqual([])
  })

  test("has advice of its own, by which the samples above know it", () => {
    expect(new Set(rules.map(({ instead }) => instead)).size).toBe(rules.length)
  })
})

describe("the check reads", () => {
  const bad = "whoever"
  const advice = "the client, the operator, the process"

  test.each([
    ["comments of a program", "core/x.ts", `const a = 1 // ${bad}`],
    ["comments of several lines", "core/x.ts", `/**\n * ${bad}\n */\nconst a = 1`],
    ["strings", "core/x.mjs", `const a = "${bad}"`],
    ["templates", "core/x.ts", `const a = \`\${b} ${bad}\``],
    ["documents", "docs/x.md", `- ${bad}`],
    ["tables of documents", "docs/x.md", `| ${bad} | 1 |`],
    ["comments of SQL", "core/x.sql", `SELECT 1 -- ${bad}`],
    ["comments of Lua", "core/x.lua", `-- ${bad}`],
    ["comments of YAML", "x.yml", `a: 1 # ${bad}`],
    ["comments of shell scripts", "x.sh", `# ${bad}`],
    ["comments of Python", "x.py", `# ${bad}`],
  ])("%s", (_, path, text) => {
    const line = text.split("\n").findIndex((part) => part.includes(bad)) + 1
    expect(found(path, text)).toEqual([`${line}: ${advice}`])
  })

  test.each([
    ["the path of an import, which another file's name is", "core/x.ts", 'import { a } from "./front-door.ts"'],
    ["names that another file declares", "core/x.ts", 'import { frontDoor } from "./a.ts"\nfrontDoor.close(frontDoor)'],
    ["code in backticks", "core/x.ts", "// See `frontDoor`: `whoever`."],
    ["fenced code of a document", "docs/x.md", "```\nwhoever\n```"],
    ["targets of links", "docs/x.md", "[It](docs/front door.md)"],
    ["code of SQL", "core/x.sql", "SELECT whoever FROM door"],
  ])("not %s", (_, path, text) => {
    expect(found(path, text)).toEqual([])
  })

  test("the id of a deployed construct is kept, in its file only", () => {
    const text = 'new Distribution(this, "Door")'
    expect(found("lib/stacks/edge.ts", text)).toEqual([])
    expect(found("lib/stacks/app.ts", text)).toHaveLength(1)
  })

  test("the names of files", () => {
    expect(found("core/front-door.ts", "")).toEqual(["1: admission, entry point, or what the function is wired from"])
  })

  test("a phrase across two lines, and tells the line where it begins", () => {
    expect(found("core/x.ts", "// One.\n// Retries for\n// ever.")).toEqual(["2: without end"])
  })
})

describe("a line of prose", () => {
  const long = "word ".repeat(longestLine / 5)
  const advice = [`1: at most ${longestLine}`]

  test.each([
    ["core/x.ts", `// ${long}`],
    ["core/x.mjs", `/** ${long}*/`],
    ["core/x.sql", `-- ${long}`],
    ["core/x.lua", `-- ${long}`],
    ["docs/x.md", `${long}.`],
    ["docs/x.md", `- ${long}`],
  ])("of a %s is at most that long", (path, text) => {
    expect(found(path, text)).toEqual(advice)
    expect(found(path, text.replace("word word ", ""))).toEqual([])
  })

  test.each([
    ["a row of a table", "docs/x.md", `| ${long} |`],
    ["a link that stands alone", "docs/x.md", `- [${long}](https://example.com)`],
    ["an address", "core/x.ts", `// https://example.com/${"x".repeat(longestLine)}`],
    ["fenced code", "docs/x.md", `\`\`\`\n${long}\n\`\`\``],
  ])("may be longer in %s", (_, path, text) => {
    expect(found(path, text)).toEqual([])
  })
})
