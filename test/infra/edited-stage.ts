import type { StageConfig } from "../../lib/config.ts"
import { stages } from "../../lib/stages.ts"

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T
export type Draft = Mutable<StageConfig>
export type Edit = (stage: Draft) => void

/** The path of a value in a stage: "capacity.recordBytes". */
export type Path<T = StageConfig> = T extends readonly unknown[]
  ? never
  : T extends object
    ? { [K in keyof T & string]: K | `${K}.${Path<NonNullable<T[K]>>}` }[keyof T & string]
    : never

/** `prod` with a change. */
export function prodWith(edit: Edit): StageConfig {
  const draft = structuredClone(stages.prod) as Draft
  edit(draft)
  return draft
}

/** Sets the value at a path. */
export const setting = (path: Path, value: unknown): Edit => {
  const keys = path.split(".")
  const last = keys.pop() ?? ""
  return (stage) => {
    const holder = keys.reduce<object>((within, key) => Reflect.get(within, key) as object, stage)
    Reflect.set(holder, last, value)
  }
}
