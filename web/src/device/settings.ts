import type { Settings } from "../machine/page-state.ts"
import type { Keeper } from "./keeper.ts"

const name = "settings"

/** The shopper's settings: their own choice, or else the first language of their browser that the page speaks. */
export function readSettings(keeper: Keeper, languages: readonly string[]): Settings {
  const first = languages.find((one) => /^(de|en)\b/i.test(one)) ?? "en"
  const standard: Settings = { language: first.toLowerCase().startsWith("de") ? "de" : "en", isSoundOn: true }
  try {
    const kept = JSON.parse(keeper.get(name) ?? "{}") as Partial<Settings>
    return {
      language: kept.language === "de" || kept.language === "en" ? kept.language : standard.language,
      isSoundOn: typeof kept.isSoundOn === "boolean" ? kept.isSoundOn : standard.isSoundOn,
    }
  } catch {
    return standard
  }
}

export const keepSettings = (keeper: Keeper, settings: Settings): void => keeper.set(name, JSON.stringify(settings))
