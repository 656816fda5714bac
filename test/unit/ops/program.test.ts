import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { examplesOf } from "../../../ops/command-context.ts"
import { completionScript } from "../../../ops/completion/scripts.ts"
import { completionWords } from "../../../ops/completion/words.ts"
import { programOf, ranBy } from "./ran-by.ts"
import { commandsOf, helpOf, referenceOf } from "./reference.ts"

test.each(commandsOf(programOf()).map(({ name, command }) => [name, command] as const))(
  "%s says what it does, what its exit codes mean, and has an example that runs it",
  async (name, command) => {
    expect(command.description()).not.toBe("")
    for (const option of command.options) expect(option.description, option.flags).not.toBe("")
    const help = helpOf(command)
    expect(help).toMatch(/exit code is 0/)
    if (command.commands.length === 0) expect(examplesOf(command), "no withExamples").not.toEqual([])
    const ran = await Promise.all(examplesOf(command).map(ranBy))
    for (const line of examplesOf(command)) expect(help).toContain(`npm run ops -- ${line}`)
    // A command with commands of its own may show theirs.
    for (const each of ran) expect(`${each} `).toMatch(new RegExp(`^${name} `))
    if (ran.length > 0) expect(ran).toContain(name)
  },
)

test("an example that the CLI does not take is found", async () => {
  await expect(ranBy("sale list --statsu open")).rejects.toThrow("unknown option '--statsu'")
  await expect(ranBy("mode fast sneaker-42")).rejects.toThrow("Allowed choices are batch, direct, halted")
  await expect(ranBy("holds extend sneaker-42")).rejects.toThrow("'--seconds <n>' not specified")
})

test("the reference page is that of this CLI", async () => {
  await expect(referenceOf(programOf())).toMatchFileSnapshot("../../../docs/OPERATIONS.md")
})

describe("completion", () => {
  const script = completionScript("bash", completionWords(programOf()), "/a directory")

  /** What bash offers when a person types this after `ops `, and then the tab key. */
  async function offered(line: string): Promise<string[]> {
    const words = `ops ${line}`.split(" ")
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _flash_sale_ops; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-u", "-c", `${script}\n${ask}`])
    return stdout.split("\n").filter((word) => word !== "")
  }

  test.each([
    ["sal", ["sale"]],
    ["sale ", ["close", "create", "halt", "list", "open", "restock", "resume"]],
    ["sale re", ["restock", "resume"]],
    ["--json sale li", ["list"]],
    ["--stage prod sale li", ["list"]],
    ["sale list --st", ["--status", "--stage"]],
    ["sale list --status o", ["open"]],
    ["sale list --limit ", []],
    ["sale list --limit 5 --al", ["--all"]],
    ["mode ", ["batch", "direct", "halted"]],
    ["mode direct ", []],
    ["mode direct sneaker-42 --fr", ["--freeze"]],
    ["limits t", ["tighten"]],
    ["db t", ["terminate"]],
    ["completion z", ["zsh"]],
    ["--oper", ["--operator"]],
    ["order show sale ", []],
  ])("after `ops %s` bash offers %j", async (line, expected) => {
    expect(await offered(line)).toEqual(expected)
  })

  test("a file is completed where the option takes one", async () => {
    expect(await offered("oversell refund --plan package.j")).toEqual(["package.json"])
    expect(await offered("receipt verify --keys package.j")).toEqual(["package.json"])
  })

  test("every command and option of the CLI is in the script of each shell", () => {
    const words = completionWords(programOf())
    for (const shell of ["bash", "zsh", "fish"] as const) {
      const text = completionScript(shell, words, "/a directory")
      for (const { command } of commandsOf(programOf())) {
        expect(text).toContain(command.name())
        for (const { long } of command.options) expect(text).toContain(long ?? "")
      }
    }
  })
})
