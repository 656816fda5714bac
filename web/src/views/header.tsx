import { useState } from "preact/hooks"
import { type Language, languageNames } from "../text/messages.ts"
import { Link } from "./link.tsx"
import { useShown } from "./page-context.ts"

/** The name of the shop, its pages, the language, and the session. */
export function Header() {
  const { m, state, config } = useShown()
  const { view } = state.route
  return (
    <header class="header">
      <p class="shop">
        {m.shop}
        {config.stage !== "prod" && <span class="stage">{m.stage(config.stage)}</span>}
      </p>
      <nav aria-label={m.navigation}>
        <Link to={{ view: "list" }} isCurrent={view === "list"}>
          {m.allSales}
        </Link>
        <Link to={{ view: "orders" }} isCurrent={view === "orders"}>
          {m.myOrders}
        </Link>
      </nav>
      <LanguageChoice />
      <SessionPart />
    </header>
  )
}

function LanguageChoice() {
  const { m, state, page } = useShown()
  const choose = (language: Language) => page.dispatch({ kind: "settings", settings: { ...state.settings, language } })
  return (
    <label class="language">
      <span>{m.language}</span>
      <select value={state.settings.language} onChange={({ currentTarget }) => choose(currentTarget.value as Language)}>
        {languageNames.map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function SessionPart() {
  const { m, state, page, config, openSignIn } = useShown()
  const { session } = state
  const [isOnlyHere, setOnlyHere] = useState(false)
  const signOut = (isEverywhere: boolean) => page.signOut(isEverywhere).catch(() => setOnlyHere(isEverywhere))
  if (session.kind === "checking") return <p class="session">{m.session.checking}</p>
  if (session.kind === "signed-out") {
    return (
      <p class="session">
        <button type="button" onClick={openSignIn}>
          {m.reserve.signIn}
        </button>
        {isOnlyHere && <span role="alert">{m.session.onlyHere}</span>}
      </p>
    )
  }
  return (
    <div class="session">
      <span>{m.session.signedInAs(session.user.name)}</span>
      <button type="button" class="quiet" onClick={() => signOut(false)}>
        {m.session.signOut}
      </button>
      {config.signIn.kind === "cognito" && (
        <button type="button" class="quiet" onClick={() => signOut(true)}>
          {m.session.signOutEverywhere}
        </button>
      )}
    </div>
  )
}
