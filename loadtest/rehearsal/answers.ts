import type { z } from "zod"
import { Order, OrderList } from "../../core/contracts/http/checkout.ts"
import { ProblemDocument } from "../../core/contracts/http/problem.ts"
import { Reservation, type ReservationStatus } from "../../core/contracts/http/reservations.ts"
import type { Reply } from "./client.ts"

/** A log position, as a receipt names it. */
export interface Place {
  readonly partition: number
  readonly offset: number
}

/** What a response says about a reservation. */
export interface Told {
  readonly status: z.infer<typeof ReservationStatus>
  readonly reason?: string
  /** False: the refusal is not a decision, and another attempt may succeed. */
  readonly decided: boolean
  readonly reservationId?: string
  readonly place?: Place
}

/** The statuses of a business answer to a well-formed request. */
const businessStatuses: ReadonlySet<number> = new Set([200, 201, 202, 402, 409])

/** Whether a reply answers the request, and is not an error of the system. */
export const isBusinessAnswer = (reply: Reply): boolean => reply.kind === "answer" && businessStatuses.has(reply.status)

/** The slug of a problem; undefined for any other answer. */
export function slugOf(reply: Reply): string | undefined {
  if (reply.kind === "failed" || reply.status < 400) return undefined
  const problem = ProblemDocument.safeParse(reply.body)
  return problem.success ? problem.data.type.replace("/problems/", "") : "no-problem-document"
}

/** The name of a reply in the report: `201`, `409 sold-out (not decided)`, `failed ECONNRESET`. */
export function nameOf(reply: Reply): string {
  if (reply.kind === "failed") return `failed ${reply.error}`
  const slug = slugOf(reply)
  if (slug === undefined) return String(reply.status)
  const { decided } = reply.body as { decided?: unknown }
  return `${reply.status} ${slug}${decided === false ? " (not decided)" : ""}`
}

/** What a reply says about a reservation; undefined for an error, or for a reply that breaks the contract. */
export function reservationIn(reply: Reply): Told | undefined {
  if (reply.kind === "failed" || !isBusinessAnswer(reply)) return undefined
  return reply.status < 400 ? toldByReservation(reply.body) : toldByProblem(reply.body)
}

function toldByReservation(body: unknown): Told | undefined {
  const parsed = Reservation.safeParse(body)
  if (!parsed.success) return undefined
  const { status, reason, decided, reservation_id: reservationId, receipt } = parsed.data
  const place = placeOf(receipt)
  return { status, decided, reservationId, ...(reason && { reason }), ...(place && { place }) }
}

function toldByProblem(body: unknown): Told | undefined {
  const parsed = ProblemDocument.safeParse(body)
  if (!parsed.success) return undefined
  const { type, decided = false, reservation_id: id, receipt } = parsed.data
  const place = placeOf(receipt)
  return {
    status: "REFUSED",
    reason: type.replace("/problems/", ""),
    decided,
    ...(typeof id === "string" && { reservationId: id }),
    ...(place && { place }),
  }
}

/** Reads a receipt without checking its signature: the checks compare its content and do not rely on it. */
export function placeOf(receipt: unknown): Place | undefined {
  if (typeof receipt !== "string") return undefined
  const [, payload = ""] = receipt.split(".")
  try {
    const { partition, offset } = JSON.parse(Buffer.from(payload, "base64url").toString())
    return Number.isSafeInteger(partition) && Number.isSafeInteger(offset) ? { partition, offset } : undefined
  } catch {
    return undefined
  }
}

/** The order in a reply; undefined if there is none. */
export const orderOf = (reply: Reply): Order | undefined => parsedBody(reply, Order)

/** The previous version of the system has all orders in one page. */
const OrderPage = OrderList.partial({ next: true })

/** A page of orders in a reply; undefined if there is none. */
export const ordersOf = (reply: Reply): z.output<typeof OrderPage> | undefined => parsedBody(reply, OrderPage)

/** The body of a 2xx reply that keeps its contract. */
export function parsedBody<T>(reply: Reply, schema: z.ZodType<T>): T | undefined {
  if (reply.kind === "failed" || reply.status >= 300) return undefined
  return schema.safeParse(reply.body).data
}
