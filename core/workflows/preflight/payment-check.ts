import { type PaymentProvider, PaymentRequestRefused } from "../../adapters/payment/provider.ts"
import { isNotOk, isOk } from "../../domain/preflight/line.ts"
import type { PreflightCheck } from "./run-checks.ts"

/** The provider answers and accepts our key. Reading the newest payments costs nothing and changes nothing. */
export const paymentCheck = (open: () => Promise<Pick<PaymentProvider, "paymentsSince">>, mend: string): PreflightCheck => ({
  part: "payments",
  items: ["provider"],
  lookWith: "ops logs checkout --errors",
  async run() {
    const provider = await open()
    const begunMs = performance.now()
    try {
      for await (const _ of provider.paymentsSince(1)) break
    } catch (error) {
      if (error instanceof PaymentRequestRefused) return [isNotOk(error.message, mend)]
      throw error
    }
    return [isOk(`answered in ${Math.round(performance.now() - begunMs)} ms, the key is accepted`)]
  },
})
