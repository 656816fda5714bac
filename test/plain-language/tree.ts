import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Finding, findingsIn } from "./findings.ts"

/** Folders and files that follow the rules. It grows until it is `["."]`. */
export const coveredFolders = [
  ".github",
  "bin",
  "lib",
  "test/bundles",
  "test/contract",
  "test/infra",
  "test/mutants",
  "test/plain-language",
  "test/supply-chain",
]

/** The samples break each rule on purpose. Results of measurements stay as they were written. */
const exempt = /^(test\/plain-language\/samples\.ts|loadtest\/results\/.*)$/

/** The files that people read in the given folders: those under version control, and new ones that Git does not ignore. */
export function textFiles(root: string, folders: readonly string[]): readonly string[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...folders]
  const paths = execFileSync("git", list, { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => existsSync(join(root, path)))
  return paths.filter((path) => /\.(ts|tsx|mjs|sql|lua|md|yml|sh|py)$/.test(path) && !exempt.test(path))
}

export const findingsBelow = (root: string, folders: readonly string[]): readonly Finding[] =>
  textFiles(root, folders).flatMap((path) => findingsIn(path, readFileSync(join(root, path), "utf8")))
