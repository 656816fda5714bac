import type { Notice, NoticeLanguage, Reader } from "./notice.ts"
import { noticeFormat } from "./notice-format.ts"
import type { NoticeSetting, NoticeTarget, NoticeText, NoticeTexts } from "./notice-texts.ts"
import { de } from "./texts-de.ts"
import { en } from "./texts-en.ts"

const texts: Readonly<Record<NoticeLanguage, NoticeTexts>> = { en, de }

/** A notice as a mail, without its address. */
export interface WrittenNotice {
  /** The name that the shopper sees as the sender. */
  readonly shop: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface NoticeSubject {
  readonly skuId: string
  /** The product's name, from the catalogue. */
  readonly product: string
}

/**
 * Writes a notice in the reader's language, as plain text and as HTML. The product's name is the only text that the shop's own
 * people write: it is escaped, and it cannot end a line of the mail's header.
 *
 * @param shopUrl the address of the shop's page, without a slash at its end
 * @param nowMs when it is sent: the time left is counted from then
 */
export function writeNotice(
  notice: Notice,
  { skuId, product }: NoticeSubject,
  reader: Reader,
  shopUrl: string,
  nowMs: number,
): WrittenNotice {
  const { shop, automatic, kinds } = texts[reader.language]
  // The table has a text for each kind, of exactly this kind; the compiler cannot connect the two.
  const write = kinds[notice.kind] as (notice: Notice, setting: NoticeSetting) => NoticeText
  const { subject, paragraphs, link } = write(notice, { format: noticeFormat(reader), product: onOneLine(product), nowMs })
  const address = `${shopUrl}${paths[link.to](skuId)}`
  return {
    shop,
    subject,
    text: `${[...paragraphs, `${link.label}: ${address}`, automatic].join("\n\n")}\n`,
    html: htmlOf(reader.language, subject, paragraphs, { label: link.label, address }, automatic),
  }
}

/** The paths of the shop's page. */
const paths: Readonly<Record<NoticeTarget, (skuId: string) => string>> = {
  sale: (skuId) => `/sale/${encodeURIComponent(skuId)}`,
  orders: () => "/orders",
  "all-sales": () => "/",
}

const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim()

function htmlOf(
  language: NoticeLanguage,
  subject: string,
  paragraphs: readonly string[],
  link: { readonly label: string; readonly address: string },
  automatic: string,
): string {
  return [
    "<!doctype html>",
    `<html lang="${language}">`,
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 1em auto; padding: 0 1em">',
    `<h1 style="font-size: 1.25em">${escaped(subject)}</h1>`,
    ...paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    `<p><a href="${escaped(link.address)}">${escaped(link.label)}</a></p>`,
    `<p><small>${escaped(automatic)}</small></p>`,
    "</body>",
    "</html>",
    "",
  ].join("\n")
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
