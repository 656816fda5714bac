import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Mutant, mutated } from "./mutant.ts"

const repository = join(dirname(fileURLToPath(import.meta.url)), "../..")
/** The files of the deployment and of its tests. */
const copied = [
  "lib",
  "core",
  "lambdas",
  "ops",
  "test/infra",
  "docs/COST.md",
  "docs/RUNBOOK.md",
  "package.json",
  "web/src/config",
  "web/src/machine/pace.ts",
  "web/dist",
]

/** Copies of the tree in one temporary folder, with the repository's packages. The creator calls `remove`. */
export class Copies {
  readonly root = mkdtempSync(join(tmpdir(), "flash-sale-mutants-"))
  /** A copy without a mutant. */
  readonly original: string

  constructor() {
    symlinkSync(join(repository, "node_modules"), join(this.root, "node_modules"))
    for (const file of ["package.json", "tsconfig.json"]) cpSync(join(repository, file), join(this.root, file))
    // Every copy is made from this one, so that an edit of the repository during a run changes no verdict.
    this.original = this.#copy(repository, "original")
    this.#emptyHandlers()
  }

  /** The mutant's file. @throws Error when its search text is not there exactly once */
  textOf(mutant: Mutant): string {
    return mutated(readFileSync(join(this.original, mutant.file), "utf8"), mutant)
  }

  /** Makes a copy with the mutant in it. */
  of(mutant: Mutant, id: string): string {
    const text = this.textOf(mutant)
    const copy = this.#copy(this.original, id)
    writeFileSync(join(copy, mutant.file), text)
    return copy
  }

  /** Writes the mutant's file beside the original, so that one run of tsc checks the types of all mutants. */
  beside(mutant: Mutant, id: string): string {
    const path = join(this.original, mutant.file.replace(/\.ts$/, `.${id}.ts`))
    writeFileSync(path, this.textOf(mutant))
    return path
  }

  remove(copy = this.root): void {
    rmSync(copy, { recursive: true, force: true })
  }

  #copy(from: string, id: string): string {
    const copy = join(this.root, id)
    for (const path of copied) cpSync(join(from, path), join(copy, path), { recursive: true })
    return copy
  }

  /**
   * A template does not show what a function does, and an empty handler is bundled faster. The real text stays as comments,
   * because tests read it.
   */
  #emptyHandlers(): void {
    const lambdas = join(this.original, "lambdas")
    for (const path of readdirSync(lambdas, { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith("handler.ts")) continue
      const commented = readFileSync(join(lambdas, path), "utf8").replaceAll(/^/gm, "// ")
      writeFileSync(join(lambdas, path), `${commented}\nexport const handler = () => undefined\n`)
    }
  }
}
