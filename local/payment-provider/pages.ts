import type { Payment } from "./payment.ts"

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`

/** The page where a shopper authenticates. The simulation accepts their own answer. */
export function confirmationPage({ amount, currency, status }: Payment): string {
  if (status !== "requires_action") return page("Nothing to confirm", "<p>This payment does not wait for you.</p>")
  const choice = (outcome: string, text: string) => `<button name="outcome" value="${outcome}">${text}</button>`
  return page(
    "Confirm your payment",
    `<p>${amount} ${escaped(currency.toUpperCase())}, in minor units.</p>
     <form method="post">${choice("confirm", "It is me")} ${choice("fail", "It is not")}</form>`,
  )
}

/** The page after authentication, with a link back to the shop. */
export function resultPage({ status, returnUrl }: Payment): string {
  const back = returnUrl === undefined ? "" : `<p><a href="${escaped(returnUrl)}">Back to the shop</a></p>`
  return page(status === "requires_capture" ? "Confirmed" : "Not confirmed", back)
}
