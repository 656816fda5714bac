import type { Promised } from "./promises.ts"

/** A deployment that breaks one promise: a text of one file, replaced. */
export interface Mutant {
  readonly promise: Promised
  /** What is wrong with it, in a phrase. */
  readonly breaks: string
  /** From the root of the repository. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly put: string
  /** `edge` means test/infra/edge.test.ts: the file of tests that must fail. */
  readonly killedBy: string
}

/** Rows for one file of the deployment, in the order promise, what it breaks, text, replacement. */
export const mutantsOf =
  (file: string, killedBy: string) =>
  (promise: Promised, breaks: string, find: string, put: string, by = killedBy): Mutant => ({
    promise,
    breaks,
    file,
    find,
    put,
    killedBy: by,
  })

/**
 * The text of a file with the mutant in it.
 * @throws Error when the search text is not there exactly once: the table has rotted
 */
export function mutated(text: string, { file, find, put }: Mutant): string {
  const [before, after, ...more] = text.split(find)
  if (before === undefined || after === undefined) throw new Error(`${file} no longer has: ${find}`)
  if (more.length > 0) throw new Error(`${file} has ${more.length + 1} times: ${find}`)
  return before + put + after
}
