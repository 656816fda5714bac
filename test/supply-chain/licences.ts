/** What a package of the lockfile says of itself. */
export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
}

/** Licences under which others' code may run in a deployed stage: they ask for their text to be kept and for nothing else. */
const allowedLicences: ReadonlySet<string> = new Set([
  ...["MIT", "MIT-0", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "Zlib"],
])

/** An expression of SPDX: of alternatives one must be allowed, of a conjunction all. */
function isAllowed(expression: string): boolean {
  const inner = expression.replace(/^\((.*)\)$/, "$1")
  if (inner.includes(" OR ")) return inner.split(" OR ").some(isAllowed)
  return inner.split(" AND ").every((licence) => allowedLicences.has(licence))
}

/** Packages that run in production under a licence that is not on the list, or under none. */
export const unlicensed = (packages: Readonly<Record<string, LockedPackage>>): string[] =>
  Object.entries(packages)
    .filter(([path, { dev, license }]) => path !== "" && dev !== true && !isAllowed(license ?? ""))
    .map(([path, { version, license }]) => `${path.replace(/^.*node_modules\//, "")} ${version}: ${license ?? "no licence"}`)
