import { useEffect, useMemo, useState } from "preact/hooks"
import type { StageConfig } from "../config/stage-config.ts"
import type { Keeper } from "../device/keeper.ts"
import type { Page } from "../effects/page.ts"
import { createFormat, localeFor } from "../text/format.ts"
import { messagesOf } from "../text/messages.ts"
import { Banners } from "./banners.tsx"
import { Header } from "./header.tsx"
import { ListView } from "./list-view.tsx"
import { MissingView } from "./missing-view.tsx"
import { OrdersView } from "./orders-view.tsx"
import { type Shown, ShownContext } from "./page-context.ts"
import { SaleView } from "./sale-view.tsx"
import { SignInDialog } from "./sign-in-dialog.tsx"

interface AppProps {
  readonly page: Page
  readonly config: StageConfig
  readonly keeper: Keeper
}

/** The whole page: it shows the state, and nothing else. */
export function App({ page, config, keeper }: AppProps) {
  const [state, setState] = useState(page.state())
  const [isSignInOpen, setSignInOpen] = useState(false)
  useEffect(() => page.subscribe(() => setState(page.state())), [page])
  const { language } = state.settings
  const m = messagesOf(language)
  const f = useMemo(() => createFormat(localeFor(language, navigator.languages)), [language])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const isSignedIn = state.session.kind === "signed-in"
  useEffect(() => {
    if (!isSignedIn) return
    // The button that opened the dialog is gone: the focus goes to what the shopper came for.
    if (isSignInOpen) document.getElementById("content")?.focus()
    setSignInOpen(false)
  }, [isSignedIn, isSignInOpen])

  const shown: Shown = { page, state, config, keeper, m, f, steadyMs: state.steadyMs, openSignIn: () => setSignInOpen(true) }
  return (
    <ShownContext.Provider value={shown}>
      <a class="skip" href="#content">
        {m.skip}
      </a>
      <Header />
      <Banners />
      <main id="content" tabIndex={-1}>
        <RouteView shown={shown} />
      </main>
      {isSignInOpen && <SignInDialog onClose={() => setSignInOpen(false)} />}
    </ShownContext.Provider>
  )
}

function RouteView({ shown: { state } }: { readonly shown: Shown }) {
  switch (state.route.view) {
    case "list":
      return <ListView />
    case "sale":
      return <SaleView key={state.route.skuId} skuId={state.route.skuId} />
    case "orders":
      return <OrdersView />
    case "missing":
      return <MissingView />
  }
}
