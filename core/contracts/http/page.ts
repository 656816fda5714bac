/**
 * How the shop's page is served: CloudFront (lib/constructs) and the local gateway send the same files under the same paths with
 * the same headers.
 */

/** The page answers these paths itself: each gets `index.html`. An asterisk at the end stands for anything below. */
export const pageEntrances = ["/", "/index.html", "/orders", "/sale/*"] as const

/** Whether a path is an entrance of the page. */
export const isPageEntrance = (path: string): boolean =>
  pageEntrances.some((entrance) => (entrance.endsWith("*") ? path.startsWith(entrance.slice(0, -1)) : path === entrance))

/** Files below it have a hash in their name: their content never changes. */
export const hashedFiles = "/assets/"

/**
 * A browser keeps a hashed file without asking. It asks for every other file each time, with its ETag: an old `index.html` would
 * name the files of an old build.
 */
export const pageCacheControl = { hashed: "public, max-age=31536000, immutable", other: "no-cache" } as const

/** Origins beside the page's own that it may use. */
export interface PageOrigins {
  readonly script?: readonly string[]
  readonly connect?: readonly string[]
  readonly frame?: readonly string[]
}

/**
 * The content security policy of the page. It lists what the page uses and nothing else: no inline script, no inline style, no
 * `eval`. Navigation, as to a bank's page and back, is not limited by it.
 */
export function pageSecurityPolicy({ script = [], connect = [], frame = [] }: PageOrigins): string {
  const own = "'self'"
  const directives: readonly (readonly [string, ...string[]])[] = [
    ["default-src", "'none'"],
    ["script-src", own, ...script],
    ["style-src", own],
    ["img-src", own, "data:"],
    ["font-src", own],
    ["media-src", own],
    ["manifest-src", own],
    ["connect-src", own, ...connect],
    ["frame-src", ...(frame.length > 0 ? frame : ["'none'"])],
    ["form-action", own],
    ["base-uri", "'none'"],
    ["object-src", "'none'"],
    ["frame-ancestors", "'none'"],
  ]
  return directives.map((directive) => directive.join(" ")).join("; ")
}

/** Features of the browser that the page does not use, nor any script in it. */
export const pagePermissions = "camera=(), microphone=(), geolocation=(), usb=(), serial=(), bluetooth=()"

/** Another site learns which shop a shopper comes from, as the payment provider demands, and never which sale. */
export const pageReferrerPolicy = "strict-origin-when-cross-origin"
