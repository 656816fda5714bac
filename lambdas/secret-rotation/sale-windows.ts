import * as z from "zod"

const SaleWindow = z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() })

/** SALE_WINDOWS: when no secret may change, as JSON `[{ from, to }]` in UTC; the deploy freeze of each sale of the calendar. */
export const SaleWindows = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue("is not JSON")
      return z.NEVER
    }
  })
  .pipe(z.array(SaleWindow))

/** @throws Error while a sale is near or open */
export function refuseNearSale(windows: z.output<typeof SaleWindows>, nowMs: number): void {
  const near = windows.find(({ from, to }) => Date.parse(from) <= nowMs && nowMs < Date.parse(to))
  if (near)
    throw new Error(
      `No secret is rotated from ${near.from} to ${near.to}: a sale is near or open. Secrets Manager tries again later`,
    )
}
