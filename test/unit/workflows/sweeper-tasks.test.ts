import { expect, test } from "vitest"
import { runTasks, type SweeperTasks } from "../../../lambdas/expiry-sweeper/workflow.ts"

const taskNames = [
  ...["heartbeat", "relay", "warm", "steerLimits", "sweep", "reconcile"],
  ...["observeStock", "observeQueue", "observeRelay", "observeGroups", "anchor", "findRefunds", "forget"],
] as (keyof SweeperTasks)[]

function givenTasks() {
  const runs = new Map<string, number>()
  const note = (name: string) => async () => {
    runs.set(name, (runs.get(name) ?? 0) + 1)
    if (name === "sweep") throw new Error("The database is away")
  }
  return { runs, tasks: Object.fromEntries(taskNames.map((name) => [name, note(name)])) as SweeperTasks }
}

test("each task runs at its own interval, and the pauses of all end when no time is left", async () => {
  const { runs, tasks } = givenTasks()
  const endsAtMs = performance.now() + 1_500
  await runTasks(tasks, () => endsAtMs - performance.now())
  // The longest pause is a minute.
  expect(performance.now() - endsAtMs).toBeLessThan(10_000)
  expect(runs.get("heartbeat")).toBeGreaterThanOrEqual(2)
  expect(taskNames.filter((name) => (runs.get(name) ?? 0) === 0)).toEqual([])
  expect(runs.get("anchor")).toBe(1)
})

test("a process that must end leaves no time: the tasks end soon after", async () => {
  const { tasks } = givenTasks()
  let isStopping = false
  const running = runTasks(tasks, () => (isStopping ? 0 : 60_000))
  isStopping = true
  const stoppedAtMs = performance.now()
  await running
  expect(performance.now() - stoppedAtMs).toBeLessThan(10_000)
})
