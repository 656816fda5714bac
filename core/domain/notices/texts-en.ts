import type { NoticeFormat } from "./notice-format.ts"
import { minutesLeft, type NoticeTexts, secondsLeft } from "./notice-texts.ts"

const units = (f: NoticeFormat, quantity: number): string => (quantity === 1 ? "1 unit" : `${f.count(quantity)} units`)

function timeLeft(endsAtMs: number, nowMs: number): string {
  const [minutes, seconds] = [minutesLeft(endsAtMs, nowMs), secondsLeft(endsAtMs, nowMs)]
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`
  return `${minutes} minutes`
}

const toOrders = { label: "See your orders", to: "orders" } as const

/** Every notice in English. */
export const en: NoticeTexts = {
  shop: "Flash sale",
  automatic: "This message was sent automatically. Please do not reply to it.",
  kinds: {
    "order-confirmed": ({ orderId, quantity, amountMinor, currency }, { format: f, product }) => ({
      subject: `Your order of ${product} is confirmed`,
      paragraphs: [
        "Thank you. Your order is paid.",
        `You bought ${units(f, quantity)} of ${product} for ${f.price(amountMinor, currency)}.`,
        `Order number: ${orderId}`,
        "We prepare your goods now. You do not need to do anything.",
      ],
      link: toOrders,
    }),
    "payment-failed": ({ orderId, quantity, amountMinor, currency }, { format: f, product }) => ({
      subject: `The payment for ${product} failed`,
      paragraphs: [
        `We could not take ${f.price(amountMinor, currency)} for ${units(f, quantity)} of ${product}. You have paid nothing.`,
        `Order ${orderId} has ended, and its units went back to the sale.`,
        "If units are left, you can reserve again.",
      ],
      link: { label: "Go to the sale", to: "sale" },
    }),
    "order-refunded": ({ orderId, refundedMinor, amountMinor, currency }, { format: f, product }) => ({
      subject: `Your order of ${product} is refunded`,
      paragraphs: [
        `We sent ${f.price(refundedMinor, currency)} back to you. With it, all of the ${f.price(amountMinor, currency)} went back.`,
        "Your bank may need some days to show it.",
        `Order ${orderId} has ended.`,
      ],
      link: toOrders,
    }),
    "order-partly-refunded": ({ orderId, refundedMinor, amountMinor, currency }, { format: f, product }) => ({
      subject: `A part of your order of ${product} is refunded`,
      paragraphs: [
        `We sent ${f.price(refundedMinor, currency)} of the ${f.price(amountMinor, currency)} back to you.`,
        "Your bank may need some days to show it.",
        `Order ${orderId} stays as it is.`,
      ],
      link: toOrders,
    }),
    "hold-expired": ({ quantity }, { format: f, product }) => ({
      subject: `The time to pay for ${product} is over`,
      paragraphs: [
        `You had reserved ${units(f, quantity)} of ${product}. The time to pay ended before a payment arrived.`,
        "You have paid nothing, and the units went back to the sale.",
        "If units are left, you can reserve again.",
      ],
      link: { label: "Go to the sale", to: "sale" },
    }),
    "waitlist-promoted": ({ quantity, expiresAtMs }, { format: f, product, nowMs }) =>
      secondsLeft(expiresAtMs, nowMs) > 0
        ? {
            subject: `${product} is reserved for you: ${timeLeft(expiresAtMs, nowMs)} to pay`,
            paragraphs: [
              `You were on the waitlist. We now hold ${units(f, quantity)} of ${product} for you.`,
              `You have ${timeLeft(expiresAtMs, nowMs)} to pay: until ${f.dateTime(expiresAtMs)}.`,
              "If you do not pay by then, the next shopper on the waitlist gets the units.",
            ],
            link: { label: "Pay now", to: "sale" },
          }
        : {
            subject: `${product} was reserved for you`,
            paragraphs: [
              `You were on the waitlist, and we held ${units(f, quantity)} of ${product} for you.`,
              `The time to pay ended at ${f.dateTime(expiresAtMs)}. This message was sent late. We are sorry.`,
              "If you have paid, your order is safe.",
            ],
            link: toOrders,
          },
    "waitlist-lapsed": ({ quantity }, { format: f, product }) => ({
      subject: `The sale of ${product} is over`,
      paragraphs: [
        `You were on the waitlist for ${units(f, quantity)} of ${product}. The sale ended before enough units came back.`,
        "You have paid nothing, and your place on the waitlist has ended.",
      ],
      link: { label: "See all sales", to: "all-sales" },
    }),
  },
}
