import { execFile } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { promisify } from "node:util"
import type { Command } from "commander"
import { expect, test } from "vitest"
import { examplesOf } from "../../../ops/command-context.ts"
import { bashCompletion } from "../../../ops/completion/bash.ts"
import { completionNodes } from "../../../ops/completion/words.ts"
import { commandLine } from "../../../ops/preflight-command.ts"
import { createProgram } from "../../../ops/program.ts"
import packageJson from "../../../package.json" with { type: "json" }

const run = promisify(execFile)

/** Every command and sub-command by its whole name. */
function allCommands(command: Command, path = ""): [string, Command][] {
  return command.commands.flatMap((each) => {
    const name = `${path} ${each.name()}`.trim()
    return [[name, each] as [string, Command], ...allCommands(each, name)]
  })
}
const program = () => createProgram(async () => Promise.reject(new Error("no command is carried out"))).program
const commands = allCommands(program())
/** Those that do something; the others only hold sub-commands. */
const working = commands.filter(([, command]) => command.commands.length === 0 || command.registeredArguments.length > 0)

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

test("every command has a description, and its help an example that is a correct command line of that command", async () => {
  expect(commands.length).toBeGreaterThan(40)
  for (const [name, command] of commands) expect(command.description(), name).not.toBe("")
  for (const [name, command] of working) {
    const examples = examplesOf(command)
    expect(examples, name).not.toEqual([])
    const used = await Promise.all(examples.map((line) => parses(line)))
    expect(used, name).toContain(name)
  }
})

test("the help of the program says what the exit codes mean", () => {
  let help = ""
  const shown = program().configureOutput({ writeOut: (text) => (help += text) })
  shown.outputHelp()
  expect(help).toContain("The exit code is 0 after success, and 1 after")
})

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

/** What bash offers for a command line; the last word is the one to complete. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${bashCompletion(completionNodes(program()))}
COMP_WORDS=(${words.map((word) => JSON.stringify(word)).join(" ")}); COMP_CWORD=${words.length - 1}
_ops; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run("bash", ["--norc", "-c", script])
  return stdout.split("\n").filter(Boolean)
}

test("bash completes commands, sub-commands, options, choices, and what follows an option", async () => {
  expect(await offered("ops", "pre")).toEqual(["preflight"])
  expect(await offered("ops", "sale", "")).toEqual(["list", "create", "halt", "open", "close", "resume", "restock"])
  expect(await offered("ops", "sale", "create", "sku", "--ho")).toEqual(["--hold"])
  expect(await offered("ops", "mode", "")).toEqual(["batch", "direct", "halted"])
  expect(await offered("ops", "sale", "list", "--status", "")).toEqual(expect.arrayContaining(["open", "closed"]))
  // The value of an option is no command.
  expect(await offered("ops", "--operator", "sale", "re")).toEqual(expect.arrayContaining(["replay", "receipt", "reconcile"]))
  expect(await offered("ops", "--stage", "prod", "wa")).toEqual(["warm", "watch"])
})

test("the scripts of zsh and fish name every command", async () => {
  for (const shell of ["zsh", "fish"]) {
    let printed = ""
    const log = console.log
    console.log = (text: string) => (printed += text)
    await program().parseAsync(["node", "ops", "completion", shell])
    console.log = log
    for (const [name] of commands) expect(printed).toContain(name.split(" ").at(-1))
  }
})
