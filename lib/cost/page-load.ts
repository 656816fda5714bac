/**
 * What one opening of the shop's page costs at the edge: its files, with their headers. A test in a browser
 * (test/browser/first-load.test.ts) measures that a first load stays below both figures; a second one asks for less.
 */
export const pageLoad = { requests: 7, bytes: 40_000 } as const

/** Requests of a page load that pass the function at the edge: every file without a hash in its name. */
export const pageLoadEntrances = 3
