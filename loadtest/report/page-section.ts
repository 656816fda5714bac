import { wrapProse } from "./wrap-prose.ts"

/** Lines of a page between which a command writes. */
interface Markers {
  readonly begin: string
  readonly end: string
}

/** Puts a text between the markers of a page and wraps its prose; the rest stays. @throws Error when the markers are missing */
export function withSection(page: string, { begin, end }: Markers, text: string): string {
  const [before, rest] = page.split(begin)
  const [old, ...after] = rest?.split(end) ?? []
  if (before === undefined || old === undefined || after.length === 0) throw new Error(`The page has no "${begin}" and "${end}"`)
  return `${before}${begin}\n${wrapProse(text)}\n${end}${after.join(end)}`
}
