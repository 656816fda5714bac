import { globSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { slowAfterMs, wholeApi } from "../../core/contracts/metrics.ts"
import { functionNames } from "../../lib/config.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** A metric, who reports it, and the labels beside that; as text, so that sets can hold it. */
export const reported = (name: string, service: string, labels: readonly string[] = []): string =>
  [name, service, ...[...labels].sort()].join(" ")

/** A call that emits. A method of the same name belongs to something else. */
const emitting = /(?<![.\w])(record|count|measure|countBy|recordBy|watched|watchCall)\(/g
const literal = /"([a-z]+(?:[.-][a-z]+)*)"/g

interface Emission {
  readonly names: readonly string[]
  readonly labels: readonly string[]
  readonly isForApi: boolean
}

/** The arguments of a call, from behind its opening bracket. */
function argumentsFrom(text: string, start: number): string[] {
  const found = [""]
  let depth = 0
  for (const character of text.slice(start)) {
    if ("([{".includes(character)) depth += 1
    if (")]}".includes(character)) depth -= 1
    if (depth < 0) break
    if (character === "," && depth === 0) found.push("")
    else found.push(`${found.pop()}${character}`)
  }
  return found.map((argument) => argument.trim())
}

/** The names in an argument; of a choice, those behind its condition. */
const namesIn = (argument: string): string[] =>
  [...argument.slice(argument.indexOf("?") + 1).matchAll(literal)].map(([, name = ""]) => name)

/** What a source file emits itself. Names are literals: a name that is put together would hide from this test, and from grep. */
export function emissionsIn(text: string): Emission[] {
  return [...text.matchAll(emitting)].flatMap((call) => {
    const [, kind = ""] = call
    const [name = "", ...others] = argumentsFrom(text, call.index + call[0].length)
    const names = namesIn(name)
    if (names.length === 0) return []
    const labels = kind.endsWith("By") ? argumentsFrom(others[0] ?? "", 1).map((label) => label.split(":")[0]?.trim() ?? "") : []
    const isWatched = kind.startsWith("watch")
    return {
      names: isWatched ? names.filter((one) => one in slowAfterMs).flatMap((one) => [`${one}.timed`, `${one}.slow`]) : names,
      labels,
      isForApi: others.includes("wholeApi"),
    }
  })
}

const imported = /(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g

/** The files that a function is made of: its handler, and everything that it imports. */
function filesOf(name: string): ReadonlySet<string> {
  const files = new Set<string>()
  const pending = [resolve(root, `lambdas/${name}/handler.ts`)]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue
    files.add(file)
    for (const [, path = ""] of textOf(file).matchAll(imported)) pending.push(resolve(dirname(file), path))
  }
  return files
}

const texts = new Map<string, string>()
function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(file, "utf8")
  texts.set(file, text)
  return text
}

/** Every metric that a function can report, by the code that it consists of. */
export function emittedMetrics(): ReadonlySet<string> {
  const emitted = new Set<string>()
  for (const service of functionNames) {
    for (const file of filesOf(service)) {
      for (const { names, labels, isForApi } of emissionsIn(textOf(file))) {
        for (const name of names) emitted.add(reported(name, isForApi ? wholeApi : service, labels))
      }
    }
  }
  return emitted
}

/** Names of metrics in the code of the operators' commands: the report reads them. */
export function namesInOperatorsCode(): string {
  return globSync(["ops/**/*.ts", "core/workflows/administration/**/*.ts"], { cwd: root })
    .map((file) => textOf(resolve(root, file)))
    .join("\n")
}
