import type { ComponentChildren } from "preact"
import { pathOf, type Route } from "../machine/route.ts"
import { useShown } from "./page-context.ts"

interface LinkProps {
  readonly to: Route
  readonly children: ComponentChildren
  readonly isCurrent?: boolean
}

/** A link within the page. With a modifier key or another button the browser opens it as any link. */
export function Link({ to, children, isCurrent = false }: LinkProps) {
  const { page } = useShown()
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    page.go(to)
  }
  return (
    <a href={pathOf(to)} onClick={follow} {...(isCurrent && { "aria-current": "page" as const })}>
      {children}
    </a>
  )
}
