import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { maxKeptMails, openMailFolder } from "../../../local/mail/mail-folder.ts"

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "mails-"))
})
afterEach(() => rmSync(dir, { recursive: true }))

const mail = (eventId: string) =>
  Buffer.from(`X-Event-ID: ${eventId}\r\nTo: grace@shoppers.test\r\n\r\nX-Event-ID: of the body\r\n`)

test("a mail is a file that its owner alone can read, named for its time and its event", async () => {
  const folder = openMailFolder(join(dir, "mails"), () => Date.UTC(2026, 10, 27, 9))
  const name = await folder.keep(mail("7-3-0"))
  expect(name).toMatch(/^2026-11-27T09-00-00\.000Z-\d+-7-3-0\.eml$/)
  expect(readFileSync(join(dir, "mails", name))).toEqual(mail("7-3-0"))
  expect(statSync(join(dir, "mails", name)).mode & 0o777).toBe(0o600)
  expect(await folder.keep(Buffer.from("no header at all"))).toMatch(/-other\.eml$/)
})

test("the folder keeps the last mails, also those of earlier starts", async () => {
  let nowMs = 0
  const earlier = openMailFolder(dir, () => nowMs++)
  for (let n = 0; n < 3; n += 1) await earlier.keep(mail(`1-${n}-0`))
  const folder = openMailFolder(dir, () => nowMs++)
  for (let n = 3; n < maxKeptMails + 2; n += 1) await folder.keep(mail(`1-${n}-0`))
  const names = readdirSync(dir).sort()
  expect(names).toHaveLength(maxKeptMails)
  expect(names[0]).toContain("-1-2-0.eml")
  expect(names.at(-1)).toContain(`-1-${maxKeptMails + 1}-0.eml`)
})
