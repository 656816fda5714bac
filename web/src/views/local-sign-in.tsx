import { useId, useState } from "preact/hooks"
import { longestName, openLocalSession } from "../effects/local-session.ts"
import { useShown } from "./page-context.ts"

/** Signs in with a name: the local run has no passwords. */
export function LocalSignIn() {
  const { m, page, keeper } = useShown()
  const [name, setName] = useState("")
  const [fault, setFault] = useState<string>()
  const [isWorking, setWorking] = useState(false)
  const id = useId()

  async function signIn(): Promise<void> {
    const session = openLocalSession(keeper)
    setWorking(true)
    try {
      const user = await session.signIn(name)
      page.useSession(session)
      page.signedIn(user)
    } catch {
      setFault(m.session.failed.network)
      setWorking(false)
    }
  }

  const submit = (event: Event) => {
    event.preventDefault()
    const length = name.trim().length
    if (length === 0 || length > longestName) return setFault(m.session.failed.name)
    if (!isWorking) signIn()
  }
  return (
    <form onSubmit={submit}>
      <p id={`${id}-hint`}>{m.session.nameHint}</p>
      <label for={`${id}-name`}>{m.session.name}</label>
      <input
        id={`${id}-name`}
        value={name}
        autocomplete="username"
        aria-describedby={`${id}-hint`}
        aria-invalid={fault !== undefined}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      {fault !== undefined && <p role="alert">{fault}</p>}
      <button type="submit" class="main" aria-disabled={isWorking}>
        {isWorking ? m.session.working : m.reserve.signIn}
      </button>
    </form>
  )
}
