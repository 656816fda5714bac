import { useId, useMemo, useState } from "preact/hooks"
import type { SignInConfig } from "../config/stage-config.ts"
import { type CognitoSession, openCognitoSession, type SignInStep } from "../effects/cognito-session.ts"
import type { Messages } from "../text/en.ts"
import { useShown } from "./page-context.ts"

/** What the form asks for: first an address, then what Cognito wants to know. */
type Stage =
  | "code-first"
  | "password"
  | "register"
  | "forgot"
  | "enter-code"
  | "enter-registration"
  | "enter-reset"
  | "enter-totp"

interface Entered {
  readonly email: string
  readonly password: string
  readonly code: string
}

const firstStages: readonly Stage[] = ["code-first", "password", "register", "forgot"]
const withPassword: ReadonlySet<Stage> = new Set(["password", "register", "enter-reset"])
const withCode: ReadonlySet<Stage> = new Set(["enter-code", "enter-registration", "enter-reset", "enter-totp"])

/** Signs in by a code from an e-mail or by a password, and makes accounts. */
export function CognitoForm({ config }: { readonly config: Extract<SignInConfig, { kind: "cognito" }> }) {
  const { m, page, keeper } = useShown()
  const session = useMemo(() => openCognitoSession(config, keeper), [config, keeper])
  const [stage, setStage] = useState<Stage>("code-first")
  const [entered, setEntered] = useState<Entered>({ email: keeper.get("email") ?? "", password: "", code: "" })
  const [fault, setFault] = useState<string>()
  const [isWorking, setWorking] = useState(false)

  async function submit(): Promise<void> {
    setWorking(true)
    setFault(undefined)
    const step = await send(session, stage, entered)
    setWorking(false)
    if (step.kind === "failed") return setFault(m.session.failed[step.reason])
    if (step.kind === "done") {
      page.useSession(session)
      return page.signedIn(step.user)
    }
    setEntered({ ...entered, code: "" })
    setStage(stageAfter(step))
  }

  const onSubmit = (event: Event) => {
    event.preventDefault()
    if (!isWorking) submit()
  }
  const change = (name: keyof Entered) => (text: string) => setEntered({ ...entered, [name]: text })
  return (
    <form onSubmit={onSubmit}>
      {withCode.has(stage) && <p role="status">{stage === "enter-totp" ? m.session.totp : m.session.codeSent(entered.email)}</p>}
      {firstStages.includes(stage) && (
        <Field label={m.session.email} type="email" autocomplete="username" value={entered.email} onInput={change("email")} />
      )}
      {withPassword.has(stage) && (
        <Field
          label={stage === "password" ? m.session.password : m.session.newPassword}
          type="password"
          autocomplete={stage === "password" ? "current-password" : "new-password"}
          value={entered.password}
          onInput={change("password")}
        />
      )}
      {withCode.has(stage) && (
        <Field label={m.session.code} type="text" autocomplete="one-time-code" value={entered.code} onInput={change("code")} />
      )}
      {fault !== undefined && <p role="alert">{fault}</p>}
      <button type="submit" class="main" aria-disabled={isWorking}>
        {isWorking ? m.session.working : actionOf(stage, m)}
      </button>
      <OtherWays stage={stage} onChoose={setStage} />
    </form>
  )
}

function send(session: CognitoSession, stage: Stage, { email, password, code }: Entered): Promise<SignInStep> {
  switch (stage) {
    case "code-first":
      return session.withCode(email)
    case "password":
      return session.withPassword(email, password)
    case "register":
      return session.register(email, password)
    case "forgot":
      return session.forgot(email)
    case "enter-registration":
      return session.confirmRegistration(email, password, code)
    case "enter-reset":
      return session.resetPassword(email, password, code)
    default:
      return session.confirm(code)
  }
}

function stageAfter(step: Extract<SignInStep, { kind: "code" | "totp" }>): Stage {
  if (step.kind === "totp") return "enter-totp"
  const stages = { "sign-in": "enter-code", "sign-up": "enter-registration", password: "enter-reset" } as const
  return stages[step.next]
}

function actionOf(stage: Stage, m: Messages): string {
  if (stage === "code-first") return m.session.withCode
  if (stage === "password") return m.reserve.signIn
  return stage === "register" ? m.session.register : m.session.confirm
}

function OtherWays({ stage, onChoose }: { readonly stage: Stage; readonly onChoose: (stage: Stage) => void }) {
  const { m } = useShown()
  const ways: readonly (readonly [Stage, string])[] = [
    ["code-first", m.session.withCode],
    ["password", m.session.withPassword],
    ["register", m.session.register],
    ["forgot", m.session.forgot],
  ]
  return (
    <p class="ways">
      {ways
        .filter(([way]) => way !== stage)
        .map(([way, label]) => (
          <button type="button" class="quiet" key={way} onClick={() => onChoose(way)}>
            {label}
          </button>
        ))}
    </p>
  )
}

interface FieldProps {
  readonly label: string
  readonly type: "email" | "password" | "text"
  readonly autocomplete: "username" | "current-password" | "new-password" | "one-time-code"
  readonly value: string
  readonly onInput: (text: string) => void
}

function Field({ label, type, autocomplete, value, onInput }: FieldProps) {
  const id = useId()
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type}
        required
        autocomplete={autocomplete}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </>
  )
}
