import { globSync, readFileSync } from "node:fs"
import type { Command } from "commander"
import { expect, test } from "vitest"
import { commandLine } from "../../../ops/preflight-command.ts"
import { createProgram } from "../../../ops/program.ts"
import packageJson from "../../../package.json" with { type: "json" }

const program = () => createProgram(async () => Promise.reject(new Error("no command is carried out"))).program

/** What stands for a value in examples and advice. */
const filled = (line: string) =>
  line
    .replaceAll("<units>", "1")
    .replaceAll("<minor>", "100")
    .replaceAll(/<[^>]+>/g, "00000000-0000-7000-8000-000000000000")
const wordsOf = (line: string) => [...filled(line).matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "")

/** Parses a command line without doing what it says. @throws the error of commander */
async function parses(line: string): Promise<string> {
  const parsed = program()
  let name = ""
  const tame = (command: Command, path: string) => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    command.action(() => {
      name = path
    })
    for (const each of command.commands) tame(each, `${path} ${each.name()}`.trim())
  }
  tame(parsed, "")
  await parsed.parseAsync(["node", "ops", ...wordsOf(line)])
  return name
}

/** The commands that mend something, in the source of preflight. */
const mends = globSync("{core/domain,core/workflows,core/runtime,ops}/preflight*{/**/*,}.ts")
  .flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/["`]((?:ops|npm|npx|aws) [^"`]+)["`]/g)].map(([, text = ""]) => text),
  )
  .map((text) => text.replaceAll(/\$\{(?:units|stock|price|least)\}/g, "1").replaceAll(/\$\{[^}]*\}/g, "thing"))

test("each command that preflight names to mend something exists, with these options", async () => {
  expect(mends.length).toBeGreaterThan(25)
  for (const mend of mends) {
    if (mend.startsWith("ops ")) await expect(parses(mend.slice("ops ".length)), mend).resolves.not.toBe("")
    else if (mend.startsWith("npm "))
      expect(Object.keys(packageJson.scripts), mend).toContain(mend.replace(/^npm (run )?/, "").split(" ")[0])
    else expect(mend).toMatch(/^(npx cdk deploy|aws [a-z0-9-]+ [a-z-]+)/)
  }
  expect(commandLine("ops warm", "prod")).toBe("npm run ops -- --stage prod warm")
  expect(commandLine("npm start", undefined)).toBe("npm start")
})
