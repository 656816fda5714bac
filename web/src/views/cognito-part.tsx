import type { FunctionComponent } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { SignInConfig } from "../config/stage-config.ts"
import { useShown } from "./page-context.ts"

type CognitoConfig = Extract<SignInConfig, { kind: "cognito" }>

/** Loads the form and the identity provider's library when the shopper wants to sign in, and not before. */
export function CognitoPart({ config }: { readonly config: CognitoConfig }) {
  const { m, page } = useShown()
  const [loaded, setLoaded] = useState<{ readonly Form: FunctionComponent<{ config: CognitoConfig }> }>()
  useEffect(() => {
    import("./cognito-form.tsx").then(
      ({ CognitoForm }) => setLoaded({ Form: CognitoForm }),
      () => page.dispatch({ kind: "outdated" }),
    )
  }, [page])
  return loaded === undefined ? <p role="status">{m.loading}</p> : <loaded.Form config={config} />
}
