import { mkdirSync, readdirSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { eventHeader } from "../../core/adapters/mail/smtp.ts"

/** Mails that the folder keeps; the oldest one goes when another arrives. */
export const maxKeptMails = 1_000

/** Keeps the last mails as files, which mail programs open (.eml). */
export interface MailFolder {
  /** @returns the name of the file */
  keep(message: Buffer): Promise<string>
}

const eventPattern = new RegExp(`^${eventHeader}: ([\\w-]+)\\r?$`, "im")

/** Opens a folder of mails, and creates it if necessary. A file is named for the time and the event of its mail. */
export function openMailFolder(dir: string, nowMs: () => number = Date.now): MailFolder {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const names = readdirSync(dir)
    .filter((name) => name.endsWith(".eml"))
    .sort()
  let serial = 0
  return {
    async keep(message) {
      const head = message.subarray(0, message.indexOf("\r\n\r\n")).toString("latin1")
      const [, eventId = "other"] = eventPattern.exec(head) ?? []
      serial += 1
      const at = new Date(nowMs()).toISOString().replaceAll(":", "-")
      const name = `${at}-${String(serial).padStart(6, "0")}-${eventId}.eml`
      names.push(name)
      await writeFile(join(dir, name), message, { mode: 0o600 })
      for (const old of names.splice(0, Math.max(0, names.length - maxKeptMails))) await rm(join(dir, old), { force: true })
      return name
    },
  }
}
