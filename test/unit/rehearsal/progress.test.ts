import fc from "fast-check"
import { expect, test } from "vitest"
import { bar, momentLine, progressOn } from "../../../loadtest/rehearsal/progress.ts"

const screen = (isTTY: boolean, columns?: number) => {
  const written: string[] = []
  let nowMs = 0
  const progress = progressOn({ isTTY, ...(columns && { columns }), write: (text) => written.push(text) }, () => nowMs)
  const wait = (ms: number) => {
    nowMs += ms
  }
  return { progress, written, wait }
}

test("a moment shows the known figures and leaves out the others", () => {
  expect(momentLine({ elapsedSeconds: 3, arrived: 900, decided: 7, decidedSoFar: 1_234, decisionP95Ms: 45.6 })).toBe(
    "3 s, 900 arrivals/s, 1,234 decided, 46 ms p95",
  )
})

test("a bar always has the same width, and grows with the share", () => {
  const share = fc.double({ min: -1, max: 3, noNaN: true })
  fc.assert(
    fc.property(share, share, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map(bar)
      expect(less).toMatch(/^\[#*\.*\]$/)
      expect(less).toHaveLength(bar(0).length)
      expect((more ?? "").indexOf(".") === -1 || (more ?? "").indexOf(".") >= (less ?? "").indexOf(".")).toBe(true)
    }),
  )
  expect([bar(0), bar(1)]).toEqual([`[${".".repeat(20)}]`, `[${"#".repeat(20)}]`])
})

test("a terminal shows one line that changes in place and is never wider than the terminal", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.double({ min: 0, max: 1 })), { minLength: 1 }),
      fc.integer({ min: 30, max: 200 }),
      (shown, columns) => {
        const { progress, written } = screen(true, columns)
        for (const [text, share] of shown) progress.show(text.replaceAll(/\s/g, " "), share)
        for (const text of written) {
          expect(text.startsWith("\r\x1b[2K")).toBe(true)
          expect(text.length - "\r\x1b[2K".length).toBeLessThan(columns)
        }
        progress.end()
        progress.end()
        expect(written.filter((text) => text.endsWith("\n"))).toEqual(["\n"])
      },
    ),
  )
})

test("without a terminal a minute of progress is a few lines, and the last moment is among them", () => {
  const { progress, written, wait } = screen(false)
  for (let second = 1; second <= 60; second += 1) {
    wait(1_000)
    progress.show(`${second} s`, second / 60)
  }
  progress.end()
  expect(written).toEqual(["10 s\n", "20 s\n", "30 s\n", "40 s\n", "50 s\n", "60 s\n"])
})

test("without a terminal work of a few seconds is one line, its last", () => {
  const { progress, written, wait } = screen(false)
  for (let part = 1; part <= 24; part += 1) {
    wait(100)
    progress.show(`${part} of 24`, part / 24)
  }
  progress.end()
  progress.end()
  progress.show("Reading back")
  expect(written).toEqual(["24 of 24\n", "Reading back\n"])
})
