/** A package of the lockfile, with its own statement of its licence. */
export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
}

/** Licences of third-party code that may run in a deployed stage: they require to keep their text, and nothing more. */
const allowedLicences: ReadonlySet<string> = new Set([
  ...["MIT", "MIT-0", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "Zlib"],
])

/** Judges an SPDX expression: one of its alternatives must be allowed, and all parts of a conjunction. */
function isAllowed(expression: string): boolean {
  const inner = expression.replace(/^\((.*)\)$/, "$1")
  if (inner.includes(" OR ")) return inner.split(" OR ").some(isAllowed)
  return inner.split(" AND ").every((licence) => allowedLicences.has(licence))
}

/** Packages that run in production without a licence of the list. */
export const unlicensed = (packages: Readonly<Record<string, LockedPackage>>): string[] =>
  Object.entries(packages)
    .filter(([path, { dev, license }]) => path !== "" && dev !== true && !isAllowed(license ?? ""))
    .map(([path, { version, license }]) => `${path.replace(/^.*node_modules\//, "")} ${version}: ${license ?? "no licence"}`)
