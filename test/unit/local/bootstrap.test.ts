import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "vitest"

const run = promisify(execFile)
const bootstrap = fileURLToPath(new URL("../../../local/bootstrap", import.meta.url))

let machine: string
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), "machine-"))
})
afterEach(() => rmSync(machine, { recursive: true }))

/** Programs that answer --version as PostgreSQL does. */
function givenPostgres(version: string, ...folder: string[]): string {
  const bin = join(machine, ...folder)
  mkdirSync(bin, { recursive: true })
  for (const name of ["postgres", "initdb"]) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return bin
}

/** @returns what the bootstrap prints on a machine with these folders alone, which has neither apt nor another program */
async function bootstrapped(expression: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const places = { packaged: join(machine, "package"), debian: join(machine, "debian") }
  const program = `
    import { ensurePostgres } from ${JSON.stringify(join(bootstrap, "postgres.mjs"))}
    import { choicesSuffix, serverChoices } from ${JSON.stringify(join(bootstrap, "choices.mjs"))}
    const places = ${JSON.stringify(places)}
    try { console.log(${expression}) } catch (error) { console.log(error.message) }`
  const env = { PATH: join(machine, "path"), ...variables }
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env })
  return stdout.trim()
}
const found = (choice: string) => bootstrapped(`await ensurePostgres("${choice}", places)`)

test("the PostgreSQL of the package is taken before one of the machine, unless that one is chosen", async () => {
  const packaged = givenPostgres("18.3", "package", "native", "bin")
  const installed = givenPostgres("15.18", "debian", "15", "bin")
  expect(await found("packaged")).toBe(packaged)
  expect(await found("installed")).toBe(installed)
})

test("where the package has none for this machine, the newest of the machine is taken", async () => {
  givenPostgres("15.18", "debian", "15", "bin")
  const newest = givenPostgres("17.2", "debian", "17", "bin")
  expect(await found("packaged")).toBe(newest)
})

test("the package's libraries get their links when npm ran no script", async () => {
  const bin = givenPostgres("18.3", "package", "native", "bin")
  const link = join(machine, "package", "native", "lib", "libpq.so.5")
  for (const name of ["postgres", "initdb"]) {
    writeFileSync(join(bin, name), `#!/bin/sh\n[ -e ${link} ] && echo "${name} (PostgreSQL) 18.3"\n`)
  }
  mkdirSync(join(machine, "package", "scripts"))
  const hydrate = `import fs from "node:fs"\nfs.mkdirSync("native/lib", { recursive: true })\nfs.writeFileSync("native/lib/libpq.so.5", "")\n`
  writeFileSync(join(machine, "package", "scripts", "hydrate-symlinks.js"), hydrate)
  writeFileSync(join(machine, "package", "package.json"), '{ "type": "module" }')
  expect(await found("packaged")).toBe(bin)
})

test.each(["packaged", "installed"])(
  "with neither, the error for %s says where it was looked for and what to do",
  async (choice) => {
    givenPostgres("14.9", "debian", "14", "bin")
    const printed = await found(choice)
    expect(printed).toContain("Missing: PostgreSQL 15 or newer (the server)")
    expect(printed).toContain(choice === "packaged" ? "Tried: the npm package, PATH, " : "Tried: PATH, ")
    expect(printed).toContain("Install it by hand: apt-get install postgresql")
  },
)

test.each([
  [{}, ""],
  [{ FLASH_SALE_POSTGRES: "packaged", FLASH_SALE_KAFKA_VERSION: "4.1.1" }, ""],
  [{ FLASH_SALE_POSTGRES: "installed" }, "-installed-postgres"],
  [{ FLASH_SALE_KAFKA_VERSION: "3.8.1", FLASH_SALE_REDIS: "valkey" }, "-kafka-3.8.1-valkey"],
])("each choice of versions is noted in a file of its own: %j", async (variables: Record<string, string>, suffix) => {
  expect(await bootstrapped("choicesSuffix(serverChoices())", variables)).toBe(suffix)
})

test.each([
  { FLASH_SALE_POSTGRES: "15" },
  { FLASH_SALE_KAFKA_VERSION: "3.8.x" },
  { FLASH_SALE_KAFKA_VERSION: "../../1.2.3" },
  { FLASH_SALE_REDIS: "valky" },
])("a choice that nothing belongs to is refused: %j", async (variables: Record<string, string>) => {
  const [[name, value] = []] = Object.entries(variables)
  expect(await bootstrapped("choicesSuffix(serverChoices())", variables)).toContain(`Missing: a server for ${name}=${value}`)
})
