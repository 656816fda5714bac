/** What the address shows. */
export type Route =
  | { readonly view: "list" }
  | { readonly view: "sale"; readonly skuId: string }
  | { readonly view: "orders" }
  | { readonly view: "missing" }

const skuPattern = /^\/sale\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})\/?$/

/** The route of a path. The addresses that a provider sends shoppers back to end at the list, which continues from there. */
export function routeOf(path: string): Route {
  if (path === "/" || path === "/index.html") return { view: "list" }
  if (path === "/orders" || path === "/orders/") return { view: "orders" }
  const [, skuId] = skuPattern.exec(path) ?? []
  return skuId === undefined ? { view: "missing" } : { view: "sale", skuId }
}

/** The path of a route. */
export function pathOf(route: Route): string {
  if (route.view === "sale") return `/sale/${route.skuId}`
  return route.view === "orders" ? "/orders" : "/"
}
