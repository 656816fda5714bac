import { describe, expect, test } from "vitest"
import { openApiDocument } from "../../../core/contracts/http/openapi.ts"
import { ReservationStatus } from "../../../core/contracts/http/reservations.ts"
import { routes } from "../../../core/contracts/http/routes.ts"
import { type ProblemSlug, problems } from "../../../core/contracts/problems.ts"
import { chargeLimits } from "../../../core/domain/currencies.ts"
import { isPassing } from "../../../web/src/machine/answer.ts"
import type { Following, Payment, Purchase } from "../../../web/src/machine/purchase-state.ts"
import { describePurchase } from "../../../web/src/text/describe-purchase.ts"
import { createFormat } from "../../../web/src/text/format.ts"
import { type Language, messagesOf } from "../../../web/src/text/messages.ts"

const languages: readonly Language[] = ["en", "de"]
const wish = { key: "key-00001", skuId: "sku-1", quantity: 1, joinWaitlist: false, askedAtMs: 1_795_770_000_000 }
const wordsOf = (language: Language) => ({ m: messagesOf(language), f: createFormat(language), steadyMs: 0 })
const call = { kind: "due", atMs: 3_000 } as const

/** The problems that a shopper's routes may answer, as their own document says. */
function shopperSlugs(): readonly string[] {
  const { paths = {} } = openApiDocument()
  const documents = routes
    .filter(({ access, path }) => access === "shopper" || path.startsWith("/v1/skus"))
    .map(({ path, method }) => JSON.stringify((paths[path] as Record<string, unknown>)[method.toLowerCase()]))
  return [...new Set(documents.flatMap((text) => [...text.matchAll(/\/problems\/([a-z-]+)/g)].map(([, slug]) => slug ?? "")))]
}

const sentence = (purchase: Purchase, language: Language): string =>
  (describePurchase(purchase, wordsOf(language))?.lines ?? []).join(" ")

const following = (status: string, changes: Partial<Following> = {}, known: Partial<Following["known"]> = {}): Following => ({
  kind: "following",
  wish,
  known: { id: "r", status, quantity: 1, ...known },
  call,
  payment: { kind: "none" },
  ...changes,
})

describe.each(languages)("in %s", (language) => {
  test("every problem that a shopper can get has a sentence", () => {
    expect(shopperSlugs().length).toBeGreaterThan(25)
    for (const slug of shopperSlugs()) {
      const { status } = problems[slug as ProblemSlug]
      const asked: Purchase = isPassing({ slug, status })
        ? { kind: "asking", wish, call, isInDoubt: false, trouble: { slug, failures: 1 } }
        : { kind: "refused", wish, slug }
      expect(sentence(asked, language).length, slug).toBeGreaterThan(15)
      expect(sentence(asked, language), slug).not.toContain(messagesOf(language).over.other)
    }
  })

  test("a problem of a newer API has a sentence", () => {
    expect(sentence({ kind: "refused", wish, slug: "made-tomorrow" }, language)).toBe(messagesOf(language).over.other)
  })

  test("every status has its own sentence, and a newer one has one, too", () => {
    const statuses = [...ReservationStatus.options, "MADE_TOMORROW"]
    const sentences = statuses.map((status) => sentence(following(status, {}, { reason: "sold-out" }), language))
    expect(new Set(sentences).size).toBe(statuses.length)
  })

  test("nothing that is unknown reads as if the shopper held nothing", () => {
    const none = /hold nothing|nichts reserviert|not reserved|Nicht reserviert/i
    const unknown: readonly Purchase[] = [
      { kind: "asking", wish, call, isInDoubt: true, trouble: { slug: "lost", failures: 1 } },
      { kind: "asking", wish, call, isInDoubt: true, trouble: { slug: "outcome-unknown", failures: 1 } },
      { kind: "asking", wish, call, isInDoubt: true, trouble: { slug: "old", failures: 0 } },
      following("RESERVED", { trouble: { slug: "lost", failures: 3 } }),
      following("QUEUED", { trouble: { slug: "temporarily-unavailable", failures: 3 } }),
    ]
    for (const purchase of unknown) {
      expect(sentence(purchase, language)).not.toMatch(none)
      expect(describePurchase(purchase, wordsOf(language))?.title).not.toMatch(none)
    }
  })

  test("every state of a payment has its own sentence", () => {
    const attempt = { key: "key-00002", method: "pm_card_visa" }
    const payments: readonly Payment[] = [
      ...(["declined", "not-confirmed", "in-progress", "not-possible", "ended"] as const).map(
        (note) => ({ kind: "none", note }) as const,
      ),
      { kind: "asking", attempt, call },
      { kind: "asking", attempt, call, trouble: { slug: "outcome-unknown", failures: 1 } },
      { kind: "asking", attempt, call, trouble: { slug: "temporarily-unavailable", failures: 1 } },
      { kind: "asking", attempt, call, trouble: { slug: "unauthorized", failures: 1 } },
      { kind: "confirming", attempt: { ...attempt, actionUrl: "https://bank.example/" }, call },
    ]
    const sentences = payments.map((payment) => sentence(following("RESERVED", { payment, leftMs: 60_000 }), language))
    expect(new Set(sentences).size).toBe(payments.length)
  })

  test("a price has the value that the payment provider charges, in every currency", () => {
    const english = createFormat("en")
    for (const [currency, { digits }] of chargeLimits) {
      const figure = (amountMinor: number) => Number(/\d[\d.]*/.exec(english.price(amountMinor, currency))?.[0])
      expect(figure(7 * 10 ** digits), currency).toBe(7)
      expect(figure(7 * 10 ** digits + 1), currency).toBeCloseTo(7 + 10 ** -digits, digits)
    }
  })
  test("no price is spoken of without its currency, and no number without its separators", () => {
    const { f, m } = wordsOf(language)
    expect(f.price(4_900, "EUR")).toMatch(/€/)
    expect(f.price(4_900, "JPY")).toMatch(/4[.,]900/)
    expect(m.queued.position(f, 1_204)).toMatch(/1[.,]204/)
  })
})

test("the sentences of the issue's examples, in English", () => {
  const { f, m } = wordsOf("en")
  expect(m.queued.position(f, 1_204)).toBe("You are 1,204th in the queue.")
  expect([1, 2, 3, 11, 21].map((place) => m.queued.position(f, place).split(" ")[2])).toEqual([
    "1st",
    "2nd",
    "3rd",
    "11th",
    "21st",
  ])
  expect(m.waitlisted.position(f, 17)).toContain("17th on the waitlist. We tell you")
  const limited: Purchase = { kind: "asking", wish, call, isInDoubt: false, trouble: { slug: "rate-limited", failures: 1 } }
  expect(sentence(limited, "en")).toBe("Please wait 3 seconds. Your request is safe.")
})

test("a countdown says zero only when nothing is left", () => {
  const { countdown } = createFormat("en")
  expect([125_000, 61_000, 59_001, 1, 0, 3_725_000].map(countdown)).toEqual(["2:05", "1:01", "1:00", "0:01", "0:00", "1:02:05"])
})
