/** One run of Schemathesis against the API. */
export interface ContractRun {
  readonly name: string
  /** The scope of the callers' tokens. Without it they have no token. */
  readonly scope?: string
  readonly examples: number
  readonly arguments: readonly string[]
  /** Operations and statuses that the run must reach, or it proves nothing. */
  readonly mustReach: readonly string[]
}

/** Requests of these operations. Each follows a link of the document from the answer before it. */
const along = (...operations: string[]) => [
  ...["--phases", "stateful", "--mode", "positive"],
  ...operations.flatMap((id) => ["--include-operation-id", id]),
]

const everyRequestAlone = ["--phases", "examples,coverage,fuzzing"]

/**
 * Clients without a token, shoppers, whole journeys along the links of the document, and administrators. Administrators come
 * last, because they close the sales.
 */
export const contractRuns: readonly ContractRun[] = [
  {
    name: "anyone",
    examples: 15,
    arguments: everyRequestAlone,
    mustReach: [
      "listSkus 200",
      "getAvailability 200",

      "receiptKeys 200",
      "reserve 401",
      "checkout 401",
      "paymentWebhook 400",
      "verify 401",
    ],
  },
  {
    name: "shopper",
    scope: "",
    examples: 20,
    arguments: [...everyRequestAlone, "--exclude-tag", "documents"],
    mustReach: [
      "reserve 201",
      "reserve 400",
      "reserve 422",
      "getReservation 404",
      "reserveBatch 403",
      "verify 403",
      "listOrders 200",
    ],
  },
  {
    name: "journeys",
    scope: "",
    examples: 150,
    arguments: along("listSkus", "getSku", "getAvailability", "reserve", "getReservation", "cancelReservation", "checkout"),
    mustReach: ["reserve 201", "getReservation 200", "cancelReservation 200", "checkout 409"],
  },
  {
    // With more operations only a few journeys would reach an order.
    name: "buyers",
    scope: "",
    examples: 150,
    arguments: along("reserve", "checkout", "listOrders", "getOrder"),
    mustReach: ["reserve 201", "checkout 201", "checkout 202", "checkout 402", "getOrder 200", "listOrders 200"],
  },
  {
    name: "operator",
    scope: "sales:admin reservations:batch",
    examples: 20,
    arguments: ["--include-tag", "admin", "--include-tag", "reserve-batch", "--include-tag", "catalogue"],
    mustReach: [
      "createSku 201",
      "createSku 422",
      "openSale 200",
      "haltSale 200",
      "restock 200",
      "reserveBatch 202",
      "verify 200",
    ],
  },
]
