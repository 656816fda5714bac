/**
 * A model of a sale that applies one act at a time to plain lists: no batches, no counters, and no production code. The core must
 * give the same result for every command at every moment. Moments are microseconds.
 */
const microsecondsPerSecond = 1_000_000

export interface ModelSale {
  readonly total: number
  readonly perUserLimit: number
  readonly waitlistLimit: number
  readonly maxUnpaidHolds: number
  readonly holdSeconds: number
  readonly opensAt?: number
  readonly closesAt?: number
  /** `open` unless it is given. */
  readonly status?: "draft" | "open"
}

export interface ModelRequest {
  readonly id: string
  readonly userId: string
  readonly quantity: number
  readonly joinWaitlist: boolean
}

export type ModelCommand =
  | { readonly kind: "allocate"; readonly requests: readonly ModelRequest[] }
  | { readonly kind: "expire" | "open" | "close" | "resume" }
  | { readonly kind: "cancel"; readonly id: string; readonly userId: string }
  | { readonly kind: "restock"; readonly quantity: number }
  | { readonly kind: "paid"; readonly orderIds: readonly string[] }
  | { readonly kind: "revoke"; readonly orderId: string; readonly as: "payment_failed" }
  /** Money of an order goes back: a part of it, or all that is left. */
  | { readonly kind: "refund"; readonly orderId: string; readonly isPart: boolean; readonly returnUnit: boolean }
  /** The last refund of an order that succeeded fails later. */
  | { readonly kind: "refund-fails"; readonly orderId: string }
  | { readonly kind: "halt"; readonly freeze: boolean }
  | { readonly kind: "switch"; readonly mode: "batch" | "direct" }
  /** Transitions of PL/pgSQL: a hold becomes an order, or holds are extended. */
  | { readonly kind: "confirm"; readonly id: string; readonly orderId: string }
  | { readonly kind: "extend"; readonly seconds: number }

interface Entry {
  readonly id: string
  readonly userId: string
  readonly quantity: number
  readonly outcome: string
  state: string
  /** How often a later request got units while it waited. */
  passed: number
  /** 0 if it was never a hold. */
  endsAt: number
}

interface Order {
  readonly orderId: string
  readonly entry: Entry
  status: "PENDING_CAPTURE" | "PAID" | "FAILED" | "REFUNDED"
  unitsKept: boolean
  /** The amounts of the refunds that succeeded. */
  readonly refunds: number[]
}

/** What every order of the model costs, and what a partial refund returns. */
export const modelMoney = { order: 500, part: 200 } as const

const counting = ["RESERVED", "WAITLISTED", "CONFIRMED"]

export class ReferenceSale {
  total: number
  mode: "batch" | "direct" | "halted" = "batch"
  frozen = false
  /** How often a request did not get free units because they were kept for the waitlist. */
  timesKept = 0
  /** Every accepted or refused request, in the order of the decisions. */
  readonly entries: Entry[] = []
  readonly orders: Order[] = []
  readonly #sale: ModelSale
  readonly #mostPasses: number
  #modeBeforeHalt: "batch" | "direct" = "batch"
  #status: "draft" | "open" | "closed"

  /** @param mostPasses after this number of passes an entry is next */
  constructor(sale: ModelSale, mostPasses = 10) {
    this.#sale = sale
    this.#mostPasses = mostPasses
    this.total = sale.total
    this.#status = sale.status ?? "open"
  }

  /** Carries a command out. @returns the outcomes of its requests, or why it was refused */
  run(command: ModelCommand, now: number): { readonly outcomes?: readonly string[]; readonly refused?: string } {
    // PL/pgSQL carries out these two. They do no other work that is overdue.
    if (command.kind === "confirm") return this.#confirm(command.id, command.orderId, now)
    if (command.kind === "extend") return this.#extend(command.seconds, now)
    for (const entry of this.entries) if (entry.state === "RESERVED" && entry.endsAt <= now) entry.state = "EXPIRED"
    const refused = this.#execute(command, now)
    this.#serve(now)
    if (command.kind === "allocate") return { outcomes: command.requests.map((request) => this.#decide(request, now)) }
    return refused === undefined ? {} : { refused }
  }

  statusAt(now: number): "draft" | "open" | "closed" {
    const { opensAt, closesAt } = this.#sale
    if (this.#status === "closed" || (closesAt !== undefined && closesAt <= now)) return "closed"
    if (this.#status === "open" || (opensAt !== undefined && opensAt <= now)) return "open"
    return "draft"
  }

  unitsIn(state: string): number {
    return this.entries.filter((entry) => entry.state === state).reduce((sum, { quantity }) => sum + quantity, 0)
  }

  /** Units sold and not taken back. */
  get sold(): number {
    const back = this.orders.filter(({ status, unitsKept }) => status === "FAILED" || (status === "REFUNDED" && !unitsKept))
    return this.unitsIn("CONFIRMED") - back.reduce((sum, { entry }) => sum + entry.quantity, 0)
  }

  get free(): number {
    return this.total - this.unitsIn("RESERVED") - this.sold
  }

  get waiting(): Entry[] {
    return this.entries.filter(({ state }) => state === "WAITLISTED")
  }

  unitsOf(userId: string): number {
    const own = this.entries.filter((entry) => entry.userId === userId && counting.includes(entry.state))
    return own.reduce((sum, { quantity }) => sum + quantity, 0)
  }

  /** Requests of a user that are or were a hold, or wait for one, and were not paid. */
  unpaidHoldsOf(userId: string): number {
    const unpaid = ({ state, endsAt }: Entry) =>
      ["RESERVED", "WAITLISTED", "EXPIRED"].includes(state) || (state === "CANCELLED" && endsAt > 0)
    return this.entries.filter((entry) => entry.userId === userId && unpaid(entry)).length
  }

  #serve(now: number): void {
    for (const entry of this.waiting) {
      if (this.statusAt(now) === "closed") entry.state = "LAPSED"
      else if (this.#mayHave(entry.quantity, entry)) this.#give(entry, now)
    }
  }

  /** The entries of the waitlist before an entry; all of them for a new request. */
  #before(entry?: Entry): Entry[] {
    const place = entry === undefined ? this.entries.length : this.entries.indexOf(entry)
    return this.entries.slice(0, place).filter(({ state }) => state === "WAITLISTED")
  }

  /** Units are kept for an entry that was passed too often, unless it asks for more than all units that are not sold. */
  #mayHave(quantity: number, entry?: Entry): boolean {
    const unsold = this.total - this.sold
    const next = this.#before(entry).some((earlier) => earlier.passed >= this.#mostPasses && earlier.quantity <= unsold)
    if (next && quantity <= this.free) this.timesKept += 1
    return quantity <= this.free && !next
  }

  #give(entry: Entry, now: number): void {
    for (const earlier of this.#before(entry)) earlier.passed += 1
    this.#hold(entry, now)
  }

  #hold(entry: Entry, now: number): void {
    entry.state = "RESERVED"
    entry.endsAt = now + this.#sale.holdSeconds * microsecondsPerSecond
  }

  #decide(request: ModelRequest, now: number): string {
    const known = this.entries.find(({ id }) => id === request.id)
    if (known) return known.outcome
    const { id, userId, quantity } = request
    const outcome = this.#outcomeOf(request, now)
    const state = outcome === "waitlisted" ? "WAITLISTED" : "REFUSED"
    const entry = { id, userId, quantity, outcome, state, passed: 0, endsAt: 0 }
    this.entries.push(entry)
    if (outcome === "reserved") this.#give(entry, now)
    return outcome
  }

  #outcomeOf({ userId, quantity, joinWaitlist }: ModelRequest, now: number): string {
    if (quantity <= 0) return "invalid"
    const status = this.statusAt(now)
    if (status !== "open") return status === "draft" ? "sale-not-open" : "sale-closed"
    if (this.unitsOf(userId) + quantity > this.#sale.perUserLimit) return "user-limit-reached"
    if (this.unpaidHoldsOf(userId) >= this.#sale.maxUnpaidHolds) return "hold-limit-reached"
    if (this.#mayHave(quantity)) return "reserved"
    return joinWaitlist && this.waiting.length < this.#sale.waitlistLimit ? "waitlisted" : "sold-out"
  }

  #execute(command: ModelCommand, now: number): string | undefined {
    switch (command.kind) {
      case "cancel":
        return this.#cancel(command.id, command.userId)
      case "restock":
        if (this.free + command.quantity < 0) return "below-committed"
        this.total += command.quantity
        return undefined
      case "paid":
        return this.#pay(command.orderIds, "PENDING_CAPTURE", "PAID")
      case "revoke":
        return this.#pay([command.orderId], "PENDING_CAPTURE", "FAILED")
      case "refund":
        return this.#refund(command.orderId, command.isPart, command.returnUnit)
      case "refund-fails":
        return this.#paidOrder(command.orderId)?.refunds.pop() === undefined ? "not-refundable" : undefined
      case "open":
        if (this.statusAt(now) === "closed") return "sale-closed"
        this.#status = "open"
        return undefined
      case "close":
        this.#status = "closed"
        return undefined
      default:
        this.#changeMode(command)
        return undefined
    }
  }

  /** An overdue hold has expired by now. An entry of the waitlist can be cancelled also after the sale has closed. */
  #cancel(id: string, userId: string): string | undefined {
    const entry = this.entries.find((known) => known.id === id && known.userId === userId)
    if (entry?.state !== "RESERVED" && entry?.state !== "WAITLISTED") return "not-cancellable"
    entry.state = "CANCELLED"
    return undefined
  }

  #pay(orderIds: readonly string[], from: Order["status"], to: Order["status"]): string | undefined {
    const payable = this.orders.filter(({ orderId, status }) => orderIds.includes(orderId) && status === from)
    for (const order of payable) order.status = to
    return payable.length === 0 ? "not-payable" : undefined
  }

  #paidOrder(orderId: string): Order | undefined {
    return this.orders.find((order) => order.orderId === orderId && (order.status === "PAID" || order.status === "REFUNDED"))
  }

  #refund(orderId: string, isPart: boolean, returnUnit: boolean): string | undefined {
    const order = this.#paidOrder(orderId)
    const left = modelMoney.order - (order?.refunds.reduce((sum, amount) => sum + amount, 0) ?? 0)
    if (order === undefined || left === 0) return "not-refundable"
    const amount = isPart ? Math.min(modelMoney.part, left) : left
    order.refunds.push(amount)
    if (amount < left || order.status === "REFUNDED") return undefined
    order.status = "REFUNDED"
    order.unitsKept = !returnUnit
    return undefined
  }

  #changeMode(command: ModelCommand): void {
    if (command.kind === "halt") {
      if (this.mode !== "halted") this.#modeBeforeHalt = this.mode
      this.mode = "halted"
      this.frozen ||= command.freeze
    } else if (command.kind === "switch" && this.mode !== command.mode) {
      this.mode = command.mode
      this.frozen = false
    } else if (command.kind === "resume" && this.mode === "halted") {
      this.mode = this.#modeBeforeHalt
      this.frozen = false
    }
  }

  #confirm(id: string, orderId: string, now: number): { readonly refused?: string } {
    const entry = this.entries.find((known) => known.id === id)
    if (entry?.state !== "RESERVED" || entry.endsAt <= now) return { refused: "not-confirmable" }
    entry.state = "CONFIRMED"
    this.orders.push({ orderId, entry, status: "PENDING_CAPTURE", unitsKept: false, refunds: [] })
    return {}
  }

  #extend(seconds: number, now: number): Record<string, never> {
    for (const entry of this.entries) {
      if (entry.state === "RESERVED" && entry.endsAt > now) entry.endsAt += seconds * microsecondsPerSecond
    }
    return {}
  }
}
