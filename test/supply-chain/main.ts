import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { auditVerdict } from "./audit.ts"
import { unlicensed } from "./licences.ts"

const help = `Looks at the packages that run in production: their licences, known vulnerabilities, and the list of them all.

  npm run supply-chain [-- --sbom <file>]

  --sbom <file>   where the bill of materials (CycloneDX, JSON) goes (default: .local/sbom.cdx.json)

Exit code 0: nothing found (which includes a registry that answers no audits: it is said); 1: a vulnerability of high or
critical severity, or a licence that is not on the list of test/supply-chain/licences.ts.`

const root = fileURLToPath(new URL("../..", import.meta.url))
const { values } = parseArgs({
  options: { sbom: { type: "string", default: join(root, ".local", "sbom.cdx.json") }, help: { type: "boolean", short: "h" } },
})
const maxOutputBytes = 64 * 1_024 * 1_024

const npm = (...args: string[]) => spawnSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: maxOutputBytes }).stdout

if (values.help) console.log(help)
else if (![licences(), audit(), billOfMaterials()].every(Boolean)) process.exitCode = 1

function licences(): boolean {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const found = unlicensed(packages)
  for (const one of found) console.log(`licences: NOT ALLOWED: ${one}`)
  if (found.length === 0) console.log("licences: all on the list")
  return found.length === 0
}

function audit(): boolean {
  const verdict = auditVerdict(npm("audit", "--omit=dev", "--json"))
  switch (verdict.kind) {
    case "clean":
      console.log(`audit: nothing of high severity or above (${verdict.minor} below)`)
      return true
    case "not-asked":
      console.log(`audit: NOT DONE, the registry could not be asked: ${verdict.why}`)
      return true
    case "vulnerable":
      for (const finding of verdict.findings) console.log(`audit: VULNERABLE: ${finding}`)
      return false
  }
}

function billOfMaterials(): boolean {
  const printed = npm("sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--omit", "dev")
  const { components = [] } = JSON.parse(printed) as { components?: unknown[] }
  mkdirSync(join(values.sbom, ".."), { recursive: true })
  writeFileSync(values.sbom, printed)
  console.log(`sbom: ${components.length} packages in ${values.sbom}`)
  return components.length > 0
}
