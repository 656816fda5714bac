import { type Instant, type Outcome, type ReservationRequest, type State, second } from "../../../core/domain/reservation.ts"

/** A sale told one request at a time, with plain lists and no batches: what the core must agree with, however it batches. */
export class ReferenceSale {
  total: number
  readonly perUserLimit: number
  readonly waitlistLimit: number
  readonly holdSeconds: number
  closed = false
  readonly all: { id: string; userId: string; quantity: number; outcome: Outcome; state: State; expiresAt: Instant }[] = []

  constructor(options: { total: number; perUserLimit: number; waitlistLimit: number; holdSeconds: number }) {
    this.total = options.total
    this.perUserLimit = options.perUserLimit
    this.waitlistLimit = options.waitlistLimit
    this.holdSeconds = options.holdSeconds
  }

  get taken(): number {
    return this.all
      .filter(({ state }) => state === "RESERVED" || state === "CONFIRMED")
      .reduce((sum, { quantity }) => sum + quantity, 0)
  }

  /** What time does: overdue holds end, then whoever waits and fits is served, the earliest first. */
  tick(now: Instant): void {
    for (const reservation of this.all) {
      if (reservation.state === "RESERVED" && reservation.expiresAt <= now) reservation.state = "EXPIRED"
    }
    this.serve(now)
  }

  serve(now: Instant): void {
    for (const waiting of this.all) {
      if (waiting.state !== "WAITLISTED") continue
      if (this.closed) waiting.state = "LAPSED"
      else if (this.taken + waiting.quantity <= this.total) {
        waiting.state = "RESERVED"
        waiting.expiresAt = now + this.holdSeconds * second
      }
    }
  }

  reserve(request: ReservationRequest, now: Instant): Outcome {
    const known = this.all.find(({ id }) => id === request.id)
    if (known) return known.outcome
    const outcome = this.outcomeOf(request)
    const state = outcome === "reserved" ? "RESERVED" : outcome === "waitlisted" ? "WAITLISTED" : "REFUSED"
    const { id, userId, quantity } = request
    this.all.push({ id, userId, quantity, outcome, state, expiresAt: now + this.holdSeconds * second })
    return outcome
  }

  private outcomeOf({ userId, quantity, joinWaitlist }: ReservationRequest): Outcome {
    if (quantity <= 0) return "invalid"
    if (this.closed) return "sale-closed"
    const own = this.all.filter((r) => r.userId === userId && ["RESERVED", "WAITLISTED", "CONFIRMED"].includes(r.state))
    if (own.reduce((sum, r) => sum + r.quantity, 0) + quantity > this.perUserLimit) return "user-limit-reached"
    if (this.taken + quantity <= this.total) return "reserved"
    const waiting = this.all.filter(({ state }) => state === "WAITLISTED").length
    return joinWaitlist && waiting < this.waitlistLimit ? "waitlisted" : "sold-out"
  }

  cancel(id: string, userId: string, now: Instant): boolean {
    const reservation = this.all.find((r) => r.id === id && r.userId === userId)
    const can = reservation?.state === "RESERVED" || reservation?.state === "WAITLISTED"
    if (reservation && can) reservation.state = "CANCELLED"
    this.serve(now)
    return can
  }

  restock(quantity: number, now: Instant): boolean {
    const can = this.total + quantity >= this.taken
    if (can) this.total += quantity
    this.serve(now)
    return can
  }
}
