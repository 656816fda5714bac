import type { Dispute, Payment, Refund } from "./payment.ts"

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

/** The page where staff of the shop return money, and where tests decide what becomes of a refund or a dispute. */
export function refundPage(payment: Payment, refunds: readonly Refund[], disputes: readonly Dispute[]): string {
  const { amountCaptured, amountRefunded, currency } = payment
  const button = (act: string, text: string) => `<button name="act" value="${act}">${text}</button>`
  const form = (fields: string) => `<form method="post">${fields}</form>`
  const left = amountCaptured - amountRefunded
  const rows = refunds.map(({ id, amount, status }) => {
    const hidden = `<input type="hidden" name="refund" value="${escaped(id)}">`
    const succeeds = status === "pending" ? form(`${hidden}${button("succeed", "It arrives")}`) : ""
    const fails = status === "failed" ? "" : form(`${hidden}${button("fail", "The bank sends it back")}`)
    return `<li>${escaped(id)}: ${amount}, ${status}${succeeds}${fails}</li>`
  })
  const isDisputed = disputes.some(({ status }) => status === "needs_response")
  const dispute = isDisputed
    ? form(`${button("win", "The shop wins the dispute")} ${button("lose", "The shop loses it")}`)
    : form(button("dispute", "The shopper disputes the payment"))
  return page(
    "Refunds of a payment",
    `<p>${left} of ${amountCaptured} ${escaped(currency.toUpperCase())} are left, in minor units.</p>
     ${left > 0 ? form(`<label>Amount <input name="amount" inputmode="numeric" value="${left}"></label> ${button("refund", "Return it")}`) : ""}
     <ul>${rows.join("")}</ul>${amountCaptured > 0 ? dispute : ""}`,
  )
}
