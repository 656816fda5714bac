import { expect, test } from "vitest"
import { probe } from "../../../lambdas/health/probe.ts"

test("a dependency that answers is up, one that fails is down", async () => {
  expect(await probe(async () => 1)()).toBe("ok")
  expect(await probe(() => Promise.reject(new Error("away")))()).toBe("unavailable")
})

test("a probe that hangs ends in time, and the dependency is not asked again until it has answered", async () => {
  let asked = 0
  let answer = () => {}
  const ask = probe(() => {
    asked += 1
    return new Promise<void>((resolve) => {
      answer = resolve
    })
  }, 10)
  expect(await ask()).toBe("unavailable")
  expect(await ask()).toBe("unavailable")
  expect(asked).toBe(1)
  answer()
  await new Promise(setImmediate)
  const again = ask()
  expect(asked).toBe(2)
  answer()
  expect(await again).toBe("ok")
})
