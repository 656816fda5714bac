import type { NoticeFormat } from "./notice-format.ts"
import { minutesLeft, type NoticeTexts, secondsLeft } from "./notice-texts.ts"

const units = (f: NoticeFormat, quantity: number): string => `${f.count(quantity)} Stück`

function timeLeft(endsAtMs: number, nowMs: number): string {
  const [minutes, seconds] = [minutesLeft(endsAtMs, nowMs), secondsLeft(endsAtMs, nowMs)]
  if (seconds < 120) return seconds === 1 ? "1 Sekunde" : `${seconds} Sekunden`
  return `${minutes} Minuten`
}

const toOrders = { label: "Meine Bestellungen", to: "orders" } as const

/** Every notice in German. */
export const de: NoticeTexts = {
  shop: "Blitzverkauf",
  automatic: "Diese Nachricht wurde automatisch gesendet. Bitte antworten Sie nicht darauf.",
  kinds: {
    "order-confirmed": ({ orderId, quantity, amountMinor, currency }, { format: f, product }) => ({
      subject: `Ihre Bestellung ist bestätigt: ${product}`,
      paragraphs: [
        "Vielen Dank. Ihre Bestellung ist bezahlt.",
        `Sie haben ${units(f, quantity)} ${product} für ${f.price(amountMinor, currency)} gekauft.`,
        `Bestellnummer: ${orderId}`,
        "Wir bereiten Ihre Ware jetzt vor. Sie müssen nichts tun.",
      ],
      link: toOrders,
    }),
    "payment-failed": ({ orderId, quantity, amountMinor, currency }, { format: f, product }) => ({
      subject: `Die Zahlung ist fehlgeschlagen: ${product}`,
      paragraphs: [
        `Wir konnten ${f.price(amountMinor, currency)} für ${units(f, quantity)} ${product} nicht einziehen. Sie haben nichts bezahlt.`,
        `Die Bestellung ${orderId} ist beendet, und die Stücke sind zurückgegangen.`,
        "Wenn noch Stücke da sind, können Sie wieder reservieren.",
      ],
      link: { label: "Zum Verkauf", to: "sale" },
    }),
    "order-refunded": ({ orderId, refundedMinor, amountMinor, currency }, { format: f, product }) => ({
      subject: `Ihre Bestellung ist erstattet: ${product}`,
      paragraphs: [
        `Wir haben Ihnen ${f.price(refundedMinor, currency)} zurückgesendet. Damit sind alle ${f.price(amountMinor, currency)} zurückgegangen.`,
        "Es kann einige Tage dauern, bis Ihre Bank den Betrag zeigt.",
        `Die Bestellung ${orderId} ist beendet.`,
      ],
      link: toOrders,
    }),
    "order-partly-refunded": ({ orderId, refundedMinor, amountMinor, currency }, { format: f, product }) => ({
      subject: `Ein Teil Ihrer Bestellung ist erstattet: ${product}`,
      paragraphs: [
        `Wir haben Ihnen ${f.price(refundedMinor, currency)} von ${f.price(amountMinor, currency)} zurückgesendet.`,
        "Es kann einige Tage dauern, bis Ihre Bank den Betrag zeigt.",
        `Die Bestellung ${orderId} bleibt, wie sie ist.`,
      ],
      link: toOrders,
    }),
    "hold-expired": ({ quantity }, { format: f, product }) => ({
      subject: `Die Zeit zum Bezahlen ist vorbei: ${product}`,
      paragraphs: [
        `Sie hatten ${units(f, quantity)} ${product} reserviert. Die Zeit endete, bevor eine Zahlung ankam.`,
        "Sie haben nichts bezahlt, und die Stücke sind zurückgegangen.",
        "Wenn noch Stücke da sind, können Sie wieder reservieren.",
      ],
      link: { label: "Zum Verkauf", to: "sale" },
    }),
    "waitlist-promoted": ({ quantity, expiresAtMs }, { format: f, product, nowMs }) =>
      secondsLeft(expiresAtMs, nowMs) > 0
        ? {
            subject: `Für Sie reserviert: ${product}. Noch ${timeLeft(expiresAtMs, nowMs)} zum Bezahlen`,
            paragraphs: [
              `Sie waren auf der Warteliste. Wir halten jetzt ${units(f, quantity)} ${product} für Sie.`,
              `Sie haben noch ${timeLeft(expiresAtMs, nowMs)} zum Bezahlen: bis ${f.dateTime(expiresAtMs)}.`,
              "Wenn Sie bis dahin nicht bezahlen, bekommt die nächste Person auf der Warteliste die Stücke.",
            ],
            link: { label: "Jetzt bezahlen", to: "sale" },
          }
        : {
            subject: `Für Sie war reserviert: ${product}`,
            paragraphs: [
              `Sie waren auf der Warteliste, und wir hielten ${units(f, quantity)} ${product} für Sie.`,
              `Die Zeit zum Bezahlen endete am ${f.dateTime(expiresAtMs)}. Diese Nachricht kommt zu spät. Das tut uns leid.`,
              "Wenn Sie bezahlt haben, ist Ihre Bestellung sicher.",
            ],
            link: toOrders,
          },
    "waitlist-lapsed": ({ quantity }, { format: f, product }) => ({
      subject: `Der Verkauf ist beendet: ${product}`,
      paragraphs: [
        `Sie waren auf der Warteliste für ${units(f, quantity)} ${product}. Der Verkauf endete, bevor genug Stücke zurückkamen.`,
        "Sie haben nichts bezahlt, und Ihr Platz auf der Warteliste ist beendet.",
      ],
      link: { label: "Zu allen Verkäufen", to: "all-sales" },
    }),
  },
}
