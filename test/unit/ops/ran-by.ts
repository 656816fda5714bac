import type { Command } from "commander"
import { createProgram } from "../../../ops/program.ts"
import { commandsOf } from "./reference.ts"

const noSystem = async () => {
  throw new Error("this test sends nothing")
}
/** The operators' command line, which reaches no system. */
export const programOf = (): Command => createProgram(noSystem).program

/** The arguments in what a person types, as a shell splits it. */
export const split = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "")

/** Which command a person runs with what they type. Nothing is carried out. @throws when the CLI refuses it */
export async function ranBy(line: string): Promise<string | undefined> {
  const program = programOf()
  let ran: string | undefined
  for (const { name, command } of [{ name: "", command: program }, ...commandsOf(program)]) {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    if (name !== "")
      command.action(() => {
        ran = name
      })
  }
  await program.parseAsync(split(line), { from: "user" })
  return ran
}
