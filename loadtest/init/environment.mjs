// One execution environment: loads a bundle as Lambda does, opens and warms it, and then gives it one request after the other.
// Argument: a file with JSON { bundle, events, marks, windowRequests }. The last line that it prints is JSON:
// EnvironmentReport of environment.ts.
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const { bundle, events, marks, windowRequests } = JSON.parse(readFileSync(process.argv[2], "utf8"))
const microsecondsPerMs = 1_000
const timeLeftMs = 30_000

async function spanOf(work) {
  const cpuBefore = process.cpuUsage()
  const beganMs = performance.now()
  const result = await work()
  const ms = performance.now() - beganMs
  const { user, system } = process.cpuUsage(cpuBefore)
  return { result, span: { ms, cpu_ms: (user + system) / microsecondsPerMs } }
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const imported = await spanOf(() => import(pathToFileURL(bundle).href))
const { handler, runtime } = imported.result
const opened = await spanOf(() => runtime.open())
const warmed = await spanOf(() => runtime.warm())

const spans = []
const wrong = {}
for (const event of events) {
  const endsAtMs = performance.now() + timeLeftMs
  const context = { awsRequestId: String(spans.length), getRemainingTimeInMillis: () => endsAtMs - performance.now() }
  const { result, span } = await spanOf(() => handler(event, context))
  spans.push(span)
  const isGood = result?.batchItemFailures ? result.batchItemFailures.length === 0 : result?.statusCode < 300
  if (!isGood) {
    const name = String(result?.body ?? JSON.stringify(result)).slice(0, 200)
    wrong[name] = (wrong[name] ?? 0) + 1
  }
}

/** A single request of the later ones says little: the middle of the last ones up to it is shown. */
const requests = Object.fromEntries(
  marks
    .filter((mark) => mark <= spans.length)
    .map((mark) => {
      const window = spans.slice(mark === 1 ? 0 : mark - windowRequests, mark)
      return [mark, { ms: middle(window.map(({ ms }) => ms)), cpu_ms: middle(window.map(({ cpu_ms }) => cpu_ms)) }]
    }),
)
const report = { import: imported.span, open: opened.span, warm: warmed.span, requests, wrong }
process.stdout.write(`\n${JSON.stringify(report)}\n`, () => process.exit())
