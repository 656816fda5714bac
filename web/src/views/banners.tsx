import { useShown } from "./page-context.ts"

/** What concerns the whole page. */
export function Banners() {
  const { m, state, page } = useShown()
  const { session } = state
  const lines = [
    ...(state.isOnline ? [] : [m.offline]),
    ...(session.kind === "signed-out" && session.hasEnded ? [m.session.ended] : []),
    ...(page.isLasting ? [] : [m.notKept]),
  ]
  return (
    <div class="banners" role="status">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {state.isOutdated && (
        <p>
          {m.outdated}{" "}
          <button type="button" onClick={() => location.reload()}>
            {m.reload}
          </button>
        </p>
      )}
    </div>
  )
}
