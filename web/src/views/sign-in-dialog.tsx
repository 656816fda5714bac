import { useEffect, useRef } from "preact/hooks"
import { CognitoPart } from "./cognito-part.tsx"
import { LocalSignIn } from "./local-sign-in.tsx"
import { useShown } from "./page-context.ts"

/** Signs in without leaving the page: what the shopper has stays in view. Escape closes it, and the focus goes back. */
export function SignInDialog({ onClose }: { readonly onClose: () => void }) {
  const { m, config } = useShown()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby="sign-in-title" onClose={onClose}>
      <h2 id="sign-in-title">{m.session.title}</h2>
      {config.signIn.kind === "local" ? <LocalSignIn /> : <CognitoPart config={config.signIn} />}
      <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
        {m.session.cancel}
      </button>
    </dialog>
  )
}
