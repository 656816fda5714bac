import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { routes } from "../../core/contracts/http/routes.ts"
import { functionNames } from "../../lib/config.ts"
import { bundleOf, handlerFolders } from "../../lib/constructs/handler-bundles.ts"

/** 1.5 MB: more would be felt at a cold start. */
const maxBundleBytes = 1.5 * 1_024 * 1_024

test("every folder of lambdas/ is a function of the config, and the other way round", () => {
  expect([...handlerFolders].sort()).toEqual([...functionNames].sort())
})

describe.each(handlerFolders)("%s", (folder) => {
  const bundle = bundleOf(folder)
  const code = readFileSync(join(bundle, "handler.mjs"), "utf8")
  const { sources } = JSON.parse(readFileSync(join(bundle, "handler.mjs.map"), "utf8")) as { sources: string[] }

  test("is one file and its map", () => {
    expect(readdirSync(bundle).sort()).toEqual(["handler.mjs", "handler.mjs.map"])
    expect(statSync(join(bundle, "handler.mjs")).size).toBeLessThan(maxBundleBytes)
  })

  test("is made of core/, its own folder and packages: nothing of local/, test/ or another function", () => {
    const ours = sources.filter((source) => !source.includes("node_modules/")).map((source) => source.replace(/^(\.\.\/)+/, ""))
    expect(ours.some((source) => source.endsWith(`lambdas/${folder}/handler.ts`))).toBe(true)
    for (const source of ours) expect(source).toMatch(new RegExp(`(^|/)(core|lambdas/${folder})/`))
  })

  test("knows nothing of the local identity", () => {
    expect(code).not.toContain("/local/token")
    expect(code).not.toContain("identity.flash-sale.local")
  })
})

test("no route leads to the local run", () => {
  for (const { path } of routes) expect(path).not.toMatch(/^\/(local|metrics)/)
})
