import type { ContestantName, Result, Run } from "../measure/result.ts"

/** A published figure of a method, and the measured figure for comparison. */
interface Claim {
  readonly said: string
  readonly name: ContestantName
  readonly found: (best: Result) => string
}

const perSecond = ({ per_second }: Result): string => `${per_second.toLocaleString("en")}/s at best`

const claims: readonly Claim[] = [
  { said: "row locks: about 100/s", name: "row-lock", found: perSecond },
  {
    said: "optimistic: 2,000/s, 96 % retries",
    name: "optimistic",
    found: (best) => `${perSecond(best)}`,
  },
  { said: "one writer in batches: 25,000/s", name: "writer", found: perSecond },
]

/** The published claims beside the results of this machine, on the profile in which all requests are accepted. */
export function claimLines({ results }: Run): string[] {
  return claims.flatMap(({ said, name, found }) => {
    const own = results.filter((result) => result.name === name && result.profile === "all-accepted")
    const best = own.find((result) => result.best)
    if (best === undefined) return []
    const retries = own.filter(({ retry_share }) => retry_share !== undefined)
    const shares = retries.map(({ connections, retry_share = 0 }) => `${(retry_share * 100).toFixed(0)} % with ${connections}`)
    return [`${said} - here ${found(best)}${shares.length > 0 ? `; retries by connections: ${shares.join(", ")}` : ""}`]
  })
}
