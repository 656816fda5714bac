import type { PendingVersion, SecretVersions } from "./versions.ts"

/** Secrets Manager's four steps, in their order. */
export const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const
export type Step = (typeof steps)[number]

/** The part of a rotation that depends on the secret. */
export interface Rotation {
  /** The new value. */
  next(current: string): string
  /** Makes the service that checks the secret accept the new value beside the old one. It may be called again for a version. */
  accept?(pending: PendingVersion): Promise<void>
  /** @throws Error when the new value could not take over from the current one */
  test(pending: PendingVersion, current: string): void | Promise<void>
  /** Makes the old value invalid; the new one has just become the current one. It may be called again. */
  retireOld?(value: string): Promise<void>
}

export interface RotateDeps {
  readonly versions: SecretVersions
  readonly rotation: Rotation
}

/** Makes one step of the rotation to the version that `token` names. @throws Error when the step cannot be finished now */
export async function rotate(step: Step, token: string, { versions, rotation }: RotateDeps): Promise<void> {
  const isCurrent = await versions.isCurrent(token)
  if (isCurrent && step !== "finishSecret") return
  const pending = await versions.pending(token)
  if (step === "createSecret") {
    if (pending === undefined) await versions.put(token, rotation.next(await versions.current()))
    return
  }
  const current = await versions.current()
  if (step === "testSecret" && (pending === undefined || pending.value === current)) {
    // When a schedule is created, Secrets Manager tries this step alone, on a version that has no value.
    return
  }
  if (pending === undefined) throw new Error(`${step}: version ${token} has no value yet; createSecret must come first`)
  if (step === "setSecret") await rotation.accept?.(pending)
  if (step === "testSecret") await rotation.test(pending, current)
  if (step === "finishSecret") {
    if (!isCurrent) await versions.promote(token)
    await rotation.retireOld?.(pending.value)
  }
}
