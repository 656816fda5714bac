// The bootstrap prints to stderr. stdout belongs to the command: shells capture the output of `npm run -s token`.

const startedAtMs = Date.now()

/** Prints one progress line with the seconds since the start. */
export function say(line) {
  const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(5)
  process.stderr.write(`[${seconds} s] ${line}\n`)
}

/** A program that the machine lacks and that the bootstrap could not install. `run.mjs` prints the message and exits with 1. */
export class Missing extends Error {
  /**
   * @param {{ tool: string, why: string, byHand: string, tried?: string }} what
   */
  constructor({ tool, why, byHand, tried }) {
    super(
      [
        `Missing: ${tool}`,
        `  Why it is needed: ${why}`,
        ...(tried ? [`  Tried: ${tried}`] : []),
        `  Install it by hand: ${byHand}`,
      ].join("\n"),
    )
  }
}
