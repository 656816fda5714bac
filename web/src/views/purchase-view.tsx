import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { Sku } from "../../../core/contracts/http/skus.ts"
import { mayDismiss } from "../machine/purchase.ts"
import type { Asking, Following, Purchase } from "../machine/purchase-state.ts"
import { nextAnnouncement } from "../text/announcement.ts"
import { type Described, describePurchase } from "../text/describe-purchase.ts"
import { Countdown } from "./countdown.tsx"
import { useShown } from "./page-context.ts"
import { PayView } from "./pay-view.tsx"

interface PurchaseViewProps {
  readonly skuId: string
  readonly purchase: Purchase
  readonly sku: Sku | undefined
}

/** What became of the shopper's request, in sentences, and what they can do about it. */
export function PurchaseView({ skuId, purchase, sku }: PurchaseViewProps) {
  const shown = useShown()
  const { m, page } = shown
  const described = describePurchase(purchase, shown)
  const heading = useFocusOfLostButton(described?.kind)
  if (described === undefined) return null
  return (
    <section class={`purchase ${purchase.kind}`} aria-labelledby="purchase-title">
      <h2 id="purchase-title" ref={heading} tabIndex={-1}>
        {described.title}
      </h2>
      {described.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {purchase.kind === "asking" && <AskingActions skuId={skuId} purchase={purchase} />}
      {purchase.kind === "following" && <FollowingActions skuId={skuId} purchase={purchase} sku={sku} />}
      {mayDismiss(purchase) && (
        <button type="button" class="quiet" onClick={() => page.forSku(skuId, { kind: "dismiss" })}>
          {m.reserve.dismiss}
        </button>
      )}
      <Announcer described={described} />
    </section>
  )
}

/** The button that the shopper used is gone in the next state: the focus goes to the heading of that state. */
function useFocusOfLostButton(kind: string | undefined) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    const { activeElement } = document
    if (kind !== undefined && (activeElement === null || activeElement === document.body))
      heading.current?.focus({ preventScroll: true })
  }, [kind])
  return heading
}

/** What a screen reader says: a new state at once, new numbers now and then. */
function Announcer({ described }: { readonly described: Described }) {
  const { state } = useShown()
  const text = [described.title, ...described.lines].join(" ")
  const [announced, setAnnounced] = useState(() => nextAnnouncement(undefined, described.kind, text, state.serverMs))
  const next = nextAnnouncement(announced, described.kind, text, state.serverMs)
  if (next !== announced) setAnnounced(next)
  return (
    <p class="heard" role="status">
      {announced?.text}
    </p>
  )
}

function AskingActions({ skuId, purchase }: { readonly skuId: string; readonly purchase: Asking }) {
  const { m, page, openSignIn } = useShown()
  if (purchase.trouble?.slug === "unauthorized") {
    return (
      <button type="button" class="main" onClick={openSignIn}>
        {m.reserve.signIn}
      </button>
    )
  }
  if (purchase.trouble === undefined || purchase.call.kind === "sent") return null
  return (
    <button type="button" onClick={() => page.forSku(skuId, { kind: "ask-again" })}>
      {m.asking.askAgain}
    </button>
  )
}

interface FollowingProps {
  readonly skuId: string
  readonly purchase: Following
  readonly sku: Sku | undefined
}

function FollowingActions({ skuId, purchase, sku }: FollowingProps) {
  const { m, page, openSignIn, state } = useShown()
  const { known, leftMs, payment } = purchase
  if (state.session.kind !== "signed-in") {
    return (
      <button type="button" class="main" onClick={openSignIn}>
        {m.reserve.signIn}
      </button>
    )
  }
  if (known.status === "WAITLISTED") return <WaitlistActions skuId={skuId} purchase={purchase} />
  if (known.status !== "RESERVED") return null
  return (
    <>
      {leftMs !== undefined && leftMs > 0 && <Countdown label={m.held.countdown} leftMs={leftMs} spoken={m.held.left} />}
      {sku !== undefined && <PayView skuId={skuId} purchase={purchase} sku={sku} />}
      {payment.kind === "none" && (
        <button
          type="button"
          class="quiet"
          aria-disabled={purchase.cancel === "sent"}
          onClick={() => page.forSku(skuId, { kind: "cancel" })}
        >
          {m.held.cancel}
        </button>
      )}
    </>
  )
}

function WaitlistActions({ skuId, purchase }: { readonly skuId: string; readonly purchase: Following }) {
  const { m, page, state } = useShown()
  const { settings } = state
  return (
    <>
      <p>
        <label class="check">
          <input
            type="checkbox"
            checked={settings.isSoundOn}
            onChange={({ currentTarget }) =>
              page.dispatch({ kind: "settings", settings: { ...settings, isSoundOn: currentTarget.checked } })
            }
          />
          <span>{m.waitlisted.sound}</span>
        </label>
      </p>
      <button
        type="button"
        class="quiet"
        aria-disabled={purchase.cancel === "sent"}
        onClick={() => page.forSku(skuId, { kind: "cancel" })}
      >
        {m.waitlisted.leave}
      </button>
    </>
  )
}
