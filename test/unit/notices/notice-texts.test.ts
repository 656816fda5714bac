import { describe, expect, test } from "vitest"
import { chargeLimits } from "../../../core/domain/currencies.ts"
import { type NoticeKind, type NoticeLanguage, noticeKinds, noticeLanguages } from "../../../core/domain/notices/notice.ts"
import { noticeFormat } from "../../../core/domain/notices/notice-format.ts"
import { writeNotice } from "../../../core/domain/notices/write-notice.ts"
import { notices, nowMs } from "./given-notices.ts"

const shopUrl = "https://shop.test"
const product = "Canvas <Bag> & Co"
const zone = { en: "Europe/London", de: "Europe/Berlin" }

const written = (kind: NoticeKind, language: NoticeLanguage, at = nowMs, name = product) =>
  writeNotice(notices[kind], { skuId: "sku-1", product: name }, { language, zone: zone[language] }, shopUrl, at)

/** What a shopper must be able to read in each notice: the numbers that concern them, and where to go. */
const facts: Readonly<Record<NoticeKind, Readonly<Record<NoticeLanguage, readonly string[]>>>> = {
  "order-confirmed": {
    en: ["is paid", "2 units", "€1,234.50", "000000000001", "https://shop.test/orders"],
    de: ["ist bezahlt", "2 Stück", "1.234,50 €", "000000000001", "https://shop.test/orders"],
  },
  "payment-failed": {
    en: ["could not take €1,234.50", "paid nothing", "https://shop.test/sale/sku-1"],
    de: ["1.234,50 €", "nicht einziehen", "nichts bezahlt", "https://shop.test/sale/sku-1"],
  },
  "order-refunded": {
    en: ["€234.50 back", "all of the €1,234.50", "has ended"],
    de: ["234,50 € zurückgesendet", "alle 1.234,50 €", "ist beendet"],
  },
  "order-partly-refunded": {
    en: ["€10.00 of the €1,234.50", "stays as it is"],
    de: ["10,00 € von 1.234,50 €", "bleibt, wie sie ist"],
  },
  "hold-expired": { en: ["1 unit", "ended before a payment arrived"], de: ["1 Stück", "bevor eine Zahlung ankam"] },
  "waitlist-promoted": {
    en: ["hold 1 unit", "119 seconds to pay", "27 November 2026 at 09:31:59 GMT", "https://shop.test/sale/sku-1"],
    de: ["halten jetzt 1 Stück", "119 Sekunden", "27. November 2026 um 10:31:59 MEZ", "https://shop.test/sale/sku-1"],
  },
  "waitlist-lapsed": { en: ["3 units", "before enough units came back"], de: ["3 Stück", "bevor genug Stücke zurückkamen"] },
}

const withPlainSpaces = (text: string) => text.replace(/[\u00a0\u202f]/g, " ")

describe.each(noticeLanguages)("in %s", (language) => {
  test.each(noticeKinds)("%s says what the shopper needs to know, as text and as HTML", (kind) => {
    const { subject, text, html, shop } = written(kind, language)
    expect(subject).toContain(product)
    expect(shop).toMatch(/^[\x20-\x7e]+$/)
    for (const fact of facts[kind][language]) expect(withPlainSpaces(text)).toContain(fact)
    // The same paragraphs, escaped; a link is its label in the HTML and its address in the text.
    for (const paragraph of text
      .trim()
      .split("\n\n")
      .filter((one) => !one.includes(shopUrl)))
      expect(html).toContain(escaped(paragraph))
    expect(html).toContain(`<html lang="${language}">`)
    expect(html).toContain(`href="${shopUrl}/`)
    expect(html).not.toContain(product)
  })

  test("a promotion that comes after the end says so, and names no time left", () => {
    const { subject, text } = written("waitlist-promoted", language, nowMs + 200_000)
    expect(subject + text).not.toMatch(/ 0 |-\d/)
    expect(text).toMatch(language === "en" ? /sent late/ : /kommt zu spät/)
    expect(withPlainSpaces(text)).toMatch(language === "en" ? /at 09:31:59 GMT/ : /um 10:31:59 MEZ/)
  })
})

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&#39;").replaceAll('"', "&quot;")

test("a product's name changes neither the HTML nor the header of the mail", () => {
  const { subject, html } = written("hold-expired", "en", nowMs, 'Bag"\r\nBcc: everyone@shop.test\u2028<script>alert(1)</script>')
  expect(subject).not.toMatch(/[\r\n\u2028]/)
  expect(html).not.toContain("<script>")
  expect(html).toContain("&lt;script&gt;")
})

test("the time left is rounded down: a shopper has at least what the notice says", () => {
  const left = (ms: number) =>
    writeNotice(
      { ...notices["waitlist-promoted"], expiresAtMs: nowMs + ms },
      { skuId: "s", product: "Bag" },
      { language: "en" },
      "",
      nowMs,
    ).subject
  expect(left(1_999)).toContain("1 second to pay")
  expect(left(119_999)).toContain("119 seconds to pay")
  expect(left(120_000)).toContain("2 minutes to pay")
  expect(left(599_999)).toContain("9 minutes to pay")
})

test.each([undefined, "Not/AZone"])("times of a reader in the zone %s are in UTC, and say so", (unknown) => {
  expect(noticeFormat({ language: "en", ...(unknown !== undefined && { zone: unknown }) }).dateTime(nowMs)).toContain(
    "09:30:00 UTC",
  )
})

test("an amount has the digits of the payment provider in every currency", () => {
  const { price } = noticeFormat({ language: "en" })
  for (const [currency, { digits }] of chargeLimits) {
    const shown = Number(price(12_300, currency).replace(/^\D+/, "").replaceAll(",", ""))
    expect([currency, shown]).toEqual([currency, 12_300 / 10 ** digits])
  }
})
