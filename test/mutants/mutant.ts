import type { Promised } from "./promises.ts"

/** One promise of the design, and the mutants that break it. */
export interface BrokenPromise {
  readonly promise: Promised
  readonly mutants: readonly Replacement[]
}

/** A mutant is one file of the deployment with one text replaced. */
interface Replacement {
  /** What the mutant does wrong, in a few words. With the promise it is the mutant's name in reports. */
  readonly name: string
  /** From the root of the repository. */
  readonly file: string
  /** The name of the test file that must fail: `edge` is test/infra/edge.test.ts. */
  readonly killedBy: string
  /** Stands exactly once in the file. */
  readonly replace: Text
  readonly with: Text
}

/** A text, or its lines when it has several. */
type Text = string | readonly string[]

/** A mutant as the runner reads it. */
export interface Mutant extends Replacement {
  readonly promise: Promised
  readonly replace: string
  readonly with: string
}

/** The fields that mutants of the same file share. */
export const inFile = (file: string, killedBy: string) => ({ file, killedBy })

/** The mutants of a table, one by one. */
export function mutantsOf(table: readonly BrokenPromise[]): readonly Mutant[] {
  return table.flatMap(({ promise, mutants }) =>
    mutants.map((mutant) => ({ ...mutant, promise, replace: textOf(mutant.replace), with: textOf(mutant.with) })),
  )
}

const textOf = (text: Text) => (typeof text === "string" ? text : text.join("\n"))

/**
 * The text of a file with the mutant in it.
 * @throws Error when the text to replace is not there exactly once: the file has changed, and the mutant must follow
 */
export function mutated(text: string, mutant: Mutant): string {
  const [before, after, ...more] = text.split(mutant.replace)
  if (before === undefined || after === undefined) throw new Error(`${mutant.file} does not contain: ${mutant.replace}`)
  if (more.length > 0) throw new Error(`${mutant.file} contains ${more.length + 1} times: ${mutant.replace}`)
  return before + mutant.with + after
}
