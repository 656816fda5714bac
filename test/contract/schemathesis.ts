import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const requirements = join(here, "requirements.txt")
const cache = fileURLToPath(new URL("../../.local/cache", import.meta.url))
const installTimeoutMs = 180_000

/** Schemathesis cannot be installed on this machine now. The message says why. */
export class NotInstalled extends Error {
  override readonly name = "NotInstalled"
}

/**
 * Schemathesis in a Python environment of its own, installed once for this list of versions.
 * @throws NotInstalled without Python 3.10, or if PyPI cannot be reached
 */
export function ensureSchemathesis(): string {
  const version = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12)
  const folder = join(cache, `schemathesis-${version}`)
  if (existsSync(join(folder, "installed"))) return join(folder, "bin", "st")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const steps: [string, ...string[]][] = [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements],
  ]
  for (const [file, ...args] of steps) {
    const { status, stderr, error } = spawnSync(file, args, { encoding: "utf8", timeout: installTimeoutMs })
    if (status !== 0) throw new NotInstalled(error?.message ?? stderr.trim().split("\n").at(-1) ?? "no reason given")
  }
  // The rename comes last: an interrupted installation must not look complete.
  mkdirSync(join(folder, "installing"))
  renameSync(join(folder, "installing"), join(folder, "installed"))
  return join(folder, "bin", "st")
}

/** Runs a program and returns its exit code and its output. The timeout or the signal may end it. @throws AbortError */
export function runProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: here, env: { PATH: process.env.PATH, ...env }, timeout: timeoutMs, signal })
    let output = ""
    const keep = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.once("error", reject)
    child.once("close", (exitCode) => resolve({ exitCode, output }))
  })
}
