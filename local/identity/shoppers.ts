/** What the local identity provider knows of a user. */
export interface LocalShopper {
  /** Absent for one user of sixteen, as for the users of a batch seller. */
  readonly email?: string
  readonly locale: "en" | "de"
  /** Absent for one user of five. */
  readonly zoneinfo?: string
}

const zones = ["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo", undefined]

/**
 * The address, the language and the zone of a user, by a rule on the user id: every name can sign in here, and nobody enters an
 * address. The last digit of the id decides whether there is an address (`f`: none) and the language (odd: German).
 */
export function localShopper(userId: string): LocalShopper {
  const last = Number.parseInt(userId.at(-1) ?? "0", 16)
  const zoneinfo = zones[Number.parseInt(userId.slice(0, 4), 16) % zones.length]
  return {
    ...(last !== 15 && { email: `shopper-${userId.slice(0, 8)}@shoppers.flash-sale.local` }),
    locale: last % 2 === 1 ? "de" : "en",
    ...(zoneinfo !== undefined && { zoneinfo }),
  }
}
