import { de } from "./de.ts"
import { en, type Messages } from "./en.ts"

const languages = { en, de } as const

export type Language = keyof typeof languages

export const messagesOf = (language: Language): Messages => languages[language]

/** The languages by the names that their speakers use. */
export const languageNames: readonly (readonly [Language, string])[] = [
  ["en", en.name],
  ["de", de.name],
]
