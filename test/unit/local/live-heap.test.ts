import { setTimeout as delay } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { watchLiveHeap } from "../../../local/metrics/live-heap.ts"

setFlagsFromString("--expose_gc")
const collectEverything = runInNewContext("gc") as () => void

const mebibyte = 1_024 * 1_024
/** A full collection of the heap that the files of this project share takes up to a second on a busy machine. */
const timeout = 30_000

test("the memory in use is known after a full collection, and released memory is not part of it", { timeout }, async () => {
  const families = watchLiveHeap("a-part")
  expect(families()).toEqual([])
  /** Collects until the memory in use is as expected; otherwise the test fails by its time limit. */
  const heldThat = async (isExpected: (bytes: number) => boolean): Promise<number> => {
    for (;;) {
      collectEverything()
      await delay(1)
      const held = families()[0]?.samples[0]?.value
      if (held !== undefined && isExpected(held)) return held
    }
  }
  const empty = await heldThat(() => true)
  const kept = [Buffer.alloc(64 * mebibyte)]
  const full = await heldThat((bytes) => bytes > empty + 32 * mebibyte)
  kept.length = 0
  await heldThat((bytes) => bytes < full - 32 * mebibyte)
  expect(families()).toMatchObject([
    { name: "flash_sale_live_heap_bytes", type: "gauge", samples: [{ labels: { part: "a-part" } }] },
  ])
})
