// Loads a bundle in a process of its own, as Lambda does, invokes it once, and prints as its last line how long the loading took
// and what the function answered. Arguments: the bundle. Standard input: JSON { event, timeLeftMs }.
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const { event, timeLeftMs } = JSON.parse(readFileSync(0, "utf8"))
const begunAtMs = performance.now()
const { handler } = await import(pathToFileURL(process.argv[2]).href)
const importMs = performance.now() - begunAtMs
const endsAtMs = performance.now() + timeLeftMs
const context = { getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()) }
const result = (await handler(event, context)) ?? null
process.stdout.write(`\n${JSON.stringify({ importMs, result, node: process.version })}\n`, () => process.exit())
