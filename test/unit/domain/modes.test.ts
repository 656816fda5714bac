import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ModeCommand, modeChange } from "../../../core/domain/modes.ts"
import type { ReservationRequest } from "../../../core/domain/reservation.ts"
import type { SkuSale, WriteMode } from "../../../core/domain/sale.ts"
import { MemorySale } from "./memory-sale.ts"

const skuNo = 1
const halt: ModeCommand = { kind: "halt", skuNo }
const freeze: ModeCommand = { kind: "halt", skuNo, freeze: true }
const resume: ModeCommand = { kind: "resume", skuNo }
const toDirect: ModeCommand = { kind: "switch", skuNo, mode: "direct" }
const toBatch: ModeCommand = { kind: "switch", skuNo, mode: "batch" }

function given(sale: Partial<SkuSale> = {}): MemorySale {
  const core = new MemorySale()
  core.addSku({ skuNo, total: 5, ...sale })
  return core
}

/** The ledger entries of a command, and the sale after it. */
function press(core: MemorySale, command: ModeCommand) {
  const kinds = core.run(command, [skuNo]).changes.flatMap(({ entries }) => entries.map(({ kind }) => kind))
  const { mode, frozen } = core.sku(skuNo)
  return [kinds, mode, frozen]
}

describe("a change of mode", () => {
  test.each<[string, WriteMode, ModeCommand[], unknown[]]>([
    ["batch goes direct", "batch", [toDirect], [["switched_to_direct"], "direct", false]],
    ["direct goes batch", "direct", [toBatch], [["switched_to_batch"], "batch", false]],
    ["a mode that is in force changes nothing", "direct", [toDirect], [[], "direct", false]],
    ["a halt is resumed to the mode before it", "direct", [halt, resume], [["resumed"], "direct", false]],
    ["a second halt changes nothing", "batch", [halt, halt], [[], "halted", false]],
    ["a running sale is frozen in one step", "direct", [freeze], [["frozen"], "halted", true]],
    ["a halted sale can be frozen afterwards", "batch", [halt, freeze], [["frozen"], "halted", true]],
    ["a halt does not thaw", "batch", [freeze, halt], [[], "halted", true]],
    ["a frozen sale thaws when it is resumed", "direct", [freeze, resume], [["resumed"], "direct", false]],
    ["a frozen sale thaws when it is switched", "batch", [freeze, toDirect], [["switched_to_direct"], "direct", false]],
    ["a halted sale is switched to its old mode by resuming it", "batch", [halt, toBatch], [["resumed"], "batch", false]],
    ["a sale that runs has nothing to resume", "batch", [resume], [[], "batch", false]],
  ])("%s", (_, mode, commands, expected) => {
    const core = given({ mode })
    const results = commands.map((command) => press(core, command))
    expect(results.at(-1)).toEqual(expected)
  })

  test("for commands in any order, each change is one entry and one epoch, and only a halted sale is frozen", () => {
    const commands = fc.array(fc.constantFrom(halt, freeze, resume, toDirect, toBatch), { maxLength: 30 })
    fc.assert(
      fc.property(commands, (pressed) => {
        const core = given()
        let running: WriteMode = "batch"
        for (const command of pressed) {
          const before = core.sku(skuNo)
          const isChange = modeChange(command, before) !== undefined
          const [kinds] = press(core, command)
          const { mode, frozen, epoch, seq, resumeMode } = core.sku(skuNo)
          expect(kinds).toHaveLength(isChange ? 1 : 0)
          expect([epoch - before.epoch, seq - before.seq]).toEqual(isChange ? [1, 1] : [0, 0])
          expect(frozen && mode !== "halted").toBe(false)
          if (mode !== "halted") running = mode
          else expect(resumeMode).toBe(running)
          expect(modeChange(command, core.sku(skuNo))).toBeUndefined()
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

const users = ["a", "b", "c"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`)
const asked = fc.record({
  user: fc.nat(users.length - 1),
  key: fc.nat(5),
  quantity: fc.integer({ min: -1, max: 3 }),
  joinWaitlist: fc.boolean(),
})

test("requests that are decided directly, one by one, get the same decisions as in one batch of the queue", () => {
  fc.assert(
    fc.property(
      fc.array(asked, { minLength: 1, maxLength: 30 }),
      fc.record({
        total: fc.nat(6),
        perUserLimit: fc.integer({ min: 1, max: 4 }),
        waitlistLimit: fc.nat(3),
        maxUnpaidHolds: fc.integer({ min: 1, max: 3 }),
      }),
      (items, sale) => {
        const line = new MemorySale()
        const direct = new MemorySale()
        for (const core of [line, direct]) core.addSku({ skuNo, ...sale })
        const requests = items.map(
          ({ user, key, ...item }): ReservationRequest => ({
            id: `d0000000-0000-4000-8000-${String(user * 100 + key).padStart(12, "0")}`,
            userId: users[user] ?? "",
            skuNo,
            bodyHash: 1,
            ...item,
          }),
        )
        const outcomes = (allocation: ReturnType<MemorySale["reserve"]>) =>
          allocation.answers.map(({ reservation }) => reservation.outcome)
        const inLine = outcomes(line.reserve(requests.map((request, offset) => ({ ...request, offset }))))
        const alone = requests.map((request) => direct.reserve([request]))
        expect(alone.flatMap(outcomes)).toEqual(inLine)
        for (const { changes } of alone) {
          for (const entry of changes.flatMap(({ entries }) => entries)) {
            expect([entry.firstOffset, entry.lastOffset]).toEqual([undefined, undefined])
          }
          expect(changes.flatMap(({ decisions }) => decisions).every(({ ord }) => ord === 0)).toBe(true)
        }
        expect(direct.sku(skuNo).balances).toEqual(line.sku(skuNo).balances)
      },
    ),
    { numRuns: 2_000 },
  )
})
