// Loads a bundle in a process of its own and waits, as an environment of Lambda does between its initialisation and its first
// invocation. Argument: the bundle. Each line of standard input is an event in JSON; each line that begins with {"done" answers
// one step: the loading first, then an invocation for each event.
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

const begunAtMs = performance.now()
const { handler } = await import(pathToFileURL(process.argv[2]).href)
const done = (what) => process.stdout.write(`\n${JSON.stringify({ done: what })}\n`)
done({ tookMs: performance.now() - begunAtMs })
for await (const line of createInterface({ input: process.stdin })) {
  const startedMs = performance.now()
  const result = (await handler(JSON.parse(line), { getRemainingTimeInMillis: () => 20_000 })) ?? null
  done({ tookMs: performance.now() - startedMs, result })
}
process.exit()
