import { useEffect, useRef } from "preact/hooks"
import { useShown } from "./page-context.ts"

let isFirstPage = true

/**
 * The heading of a page: the tab's title, and where the focus goes when the shopper comes to the page. The first page that is
 * loaded leaves the focus where the browser has it.
 */
export function PageHeading({ text }: { readonly text: string }) {
  const { m } = useShown()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = text === m.shop ? text : `${text} – ${m.shop}`
  }, [text, m])
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus()
    isFirstPage = false
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  )
}
