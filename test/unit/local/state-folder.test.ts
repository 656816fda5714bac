import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { StateFolder } from "../../../local/services/state-folder.ts"

let folder: StateFolder
beforeEach(() => {
  folder = new StateFolder(mkdtempSync(join(tmpdir(), "state-")))
})
afterEach(() => rmSync(folder.dir, { recursive: true }))

const kept = () => JSON.parse(readFileSync(folder.path("secrets.json"), "utf8"))

test("secrets are created once and kept", () => {
  const made = folder.secrets()
  expect(folder.secrets()).toEqual(made)
  expect(kept()).toEqual(made)
})

test("an older folder gets a secret that was added later, and keeps the others", () => {
  const { paymentWebhookSecret: _, ...before } = folder.secrets()
  writeFileSync(folder.path("secrets.json"), JSON.stringify(before))
  const completed = folder.secrets()
  expect(completed).toMatchObject(before)
  expect(completed.paymentWebhookSecret).toMatch(/^whsec_\w{48}$/)
  expect(kept()).toEqual(completed)
})

test("a secret that was edited by hand and is invalid is not replaced", () => {
  const edited = { ...folder.secrets(), databasePassword: 7 }
  writeFileSync(folder.path("secrets.json"), JSON.stringify(edited))
  expect(() => folder.secrets()).toThrow("databasePassword")
  expect(kept()).toEqual(edited)
})
