import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Finding, findingsIn } from "./findings.ts"

/** The folders that follow the rules: the whole repository. */
export const coveredFolders = ["."]

/** The samples and the tests of the rules break them on purpose. Results of measurements stay as they were written. */
const exempt = /^(test\/plain-language\/samples\.ts|test\/unit\/plain-language\.test\.ts|loadtest\/results\/.*)$/

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
