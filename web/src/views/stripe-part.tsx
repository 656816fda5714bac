import type { FunctionComponent } from "preact"
import { useEffect, useState } from "preact/hooks"
import { useShown } from "./page-context.ts"
import type { StripeProps } from "./stripe-props.ts"

/** Loads the payment provider's form when there is something to pay, and not before. */
export function StripePart(props: StripeProps) {
  const { m, page } = useShown()
  const [loaded, setLoaded] = useState<{ readonly Form: FunctionComponent<StripeProps> }>()
  useEffect(() => {
    import("./stripe-form.tsx").then(
      ({ StripeForm }) => setLoaded({ Form: StripeForm }),
      () => page.dispatch({ kind: "outdated" }),
    )
  }, [page])
  return loaded === undefined ? <p role="status">{m.pay.stripeLoading}</p> : <loaded.Form {...props} />
}
