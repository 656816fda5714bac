import { spawn } from "node:child_process"
import { once } from "node:events"
import { delimiter, dirname } from "node:path"

/** Runs AWS CDK's command line in the repository, and shows what it prints. @throws CdkFailed */
export type RunCdk = (stageName: string, args: readonly string[]) => Promise<void>

/** CDK has printed why. */
export class CdkFailed extends Error {
  override readonly name = "CdkFailed"

  constructor(args: readonly string[], code: number | null, signal: string | null) {
    const outcome = code === null ? `was ended by ${signal}` : `failed with exit code ${code}`
    super(`"cdk ${args.join(" ")}" ${outcome}. What it printed says why; the same command continues from there`)
  }
}

/** @param command the program of CDK and its first arguments; the app that it starts runs on this process's Node */
export const cdkAt =
  (command: readonly [string, ...string[]]): RunCdk =>
  async (stageName, args) => {
    const [program, ...first] = command
    const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter)
    const child = spawn(program, [...first, ...args], { stdio: "inherit", env: { ...process.env, PATH: path, STAGE: stageName } })
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null]
    if (code !== 0) throw new CdkFailed(args, code, signal)
  }
