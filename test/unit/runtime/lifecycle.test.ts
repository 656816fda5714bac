import { describe, expect, test } from "vitest"
import { createResources, defineRuntime, type Resources, shareParts } from "../../../core/runtime/lifecycle.ts"

/** Opens resources that record what happens to them. */
function givenResources() {
  const events: string[] = []
  const open = (resources: Resources, name: string, fails: { warm?: boolean; close?: boolean } = {}) => {
    events.push(`open ${name}`)
    return resources.own(name, {
      async warm() {
        events.push(`warm ${name}`)
        if (fails.warm) throw new Error(`${name} is cold`)
      },
      async close() {
        events.push(`close ${name}`)
        if (fails.close) throw new Error(`${name} is stuck`)
      },
    })
  }
  return { events, open }
}

describe("resources", () => {
  test("close in reverse order, all of them, and one error has all failures", async () => {
    const { events, open } = givenResources()
    const resources = createResources()
    open(resources, "pool")
    open(resources, "redis", { close: true })
    open(resources, "kafka")
    await expect(resources.close()).rejects.toMatchObject({ errors: [{ message: "redis is stuck" }] })
    expect(events.slice(3)).toEqual(["close kafka", "close redis", "close pool"])
  })
  test("close once, even when close is called again", async () => {
    const { events, open } = givenResources()
    const resources = createResources()
    open(resources, "pool")
    await resources.close()
    await resources.close()
    expect(events).toEqual(["open pool", "close pool"])
  })
  test("that are opened too late are closed at once and refused", async () => {
    const { events, open } = givenResources()
    const resources = createResources()
    await resources.close()
    expect(() => open(resources, "pool")).toThrow("A resource was opened after its runtime was closed")
    expect(events).toEqual(["open pool", "close pool"])
  })
  test("are all warmed, also when one fails", async () => {
    const { events, open } = givenResources()
    const resources = createResources()
    open(resources, "pool", { warm: true })
    open(resources, "redis")
    await expect(resources.warm()).rejects.toMatchObject({ errors: [{ message: "pool is cold" }] })
    expect(events.slice(2)).toEqual(["warm pool", "warm redis"])
  })
})

describe("a runtime", () => {
  test("opens its parts once, at the first call", async () => {
    const { events, open } = givenResources()
    const runtime = defineRuntime(async (resources) => open(resources, "pool"))
    expect(events).toEqual([])
    expect(await Promise.all([runtime.open(), runtime.open()])).toEqual(["pool", "pool"])
    expect(events).toEqual(["open pool"])
  })
  test("that is eager opens while its module is loaded", () => {
    const { events, open } = givenResources()
    defineRuntime(async (resources) => open(resources, "pool"), { eager: true })
    expect(events).toEqual(["open pool"])
  })
  test("closes the parts that it has opened when it cannot open the rest, and a later open tries again", async () => {
    const { events, open } = givenResources()
    let isBroken = true
    const runtime = defineRuntime(
      async (resources) => {
        open(resources, "pool")
        if (isBroken) throw new Error("Redis has no token")
        return open(resources, "redis")
      },
      // An eager open whose failure nobody awaits must not end the process.
      { eager: true },
    )
    await expect(runtime.open()).rejects.toThrow("Redis has no token")
    isBroken = false
    expect(await runtime.open()).toBe("redis")
    expect(events).toEqual(["open pool", "close pool", "open pool", "open redis"])
  })
  test("opens and warms in one call", async () => {
    const { events, open } = givenResources()
    await defineRuntime(async (resources) => open(resources, "pool")).warm()
    expect(events).toEqual(["open pool", "warm pool"])
  })
  test("that is closed while it opens closes its parts after that; a later open makes new parts", async () => {
    const { events, open } = givenResources()
    const connected = Promise.withResolvers<void>()
    const runtime = defineRuntime(async (resources) => {
      await connected.promise
      return open(resources, "pool")
    })
    const opening = runtime.open()
    const closing = runtime.close()
    connected.resolve()
    await Promise.all([opening, closing])
    await runtime.open()
    expect(events).toEqual(["open pool", "close pool", "open pool"])
  })
  test("that was never opened has nothing to close", async () => {
    const { events, open } = givenResources()
    await defineRuntime(async (resources) => open(resources, "pool")).close()
    expect(events).toEqual([])
  })
})

describe("shared parts", () => {
  const given = () => {
    const resources = givenResources()
    const openShared = shareParts(async (owner) => resources.open(owner, "pool"))
    return { ...resources, one: defineRuntime(openShared), other: defineRuntime(openShared) }
  }

  test("are opened once for all runtimes that use them, and close when the last of these closes", async () => {
    const { events, one, other } = given()
    await Promise.all([one.open(), other.open()])
    await one.close()
    expect(events).toEqual(["open pool"])
    await other.close()
    expect(events).toEqual(["open pool", "close pool"])
  })
  test("are opened again after that", async () => {
    const { events, one, other } = given()
    await one.open()
    await one.close()
    await other.open()
    expect(events).toEqual(["open pool", "close pool", "open pool"])
  })
  test("are warmed by each runtime that uses them", async () => {
    const { events, one } = given()
    await one.warm()
    expect(events).toEqual(["open pool", "warm pool"])
  })
  test("are warmed once for runtimes that warm at the same time", async () => {
    const { events, one, other } = given()
    await Promise.all([one.warm(), other.warm()])
    expect(events).toEqual(["open pool", "warm pool"])
  })
})
