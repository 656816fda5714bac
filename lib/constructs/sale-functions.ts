import { Construct } from "constructs"
import { defaultLambda, routes } from "../../core/contracts/http/routes.ts"
import type { FunctionName, StageConfig } from "../config.ts"
import type { DataStack } from "../stacks/data.ts"
import { ManagedInstances } from "./managed-instances.ts"
import type { Network } from "./network.ts"
import { type Placement, SaleFunction } from "./sale-function.ts"
import type { Shoppers } from "./shoppers.ts"

/** What a function does for whoever reads the list of functions. */
const descriptions = {
  catalogue: "What is sold, at what price, from when",
  availability: "Stock as seen now",
  reserve: "Admits a shopper and puts the request in line",
  "reserve-batch": "Puts the requests of a trusted client's users in line",
  reservation: "Where a reservation stands, and giving it back",
  checkout: "Pays for a hold",
  orders: "What a shopper bought",
  health: "Is the API alive, do its dependencies answer",
  documents: "The OpenAPI document and the keys of receipts",
  admin: "Creates and steers sales",
  "not-found": "Whatever no route matches",
  ops: "Carries out what operators ask for from outside the network",
  "batch-writer": "The single writer: decides what stands in line",
  "event-reactor": "Collects the money and cleans up behind what moved",
  "expiry-sweeper": "Ends holds, closes sales, publishes the ledger, reconciles payments",
  "bootstrap-brokers": "Tells a deployment the addresses of the brokers",
  "secret-rotation": "Rotates the secrets that nobody else does",
  provisioner: "Migrates the database and makes its logins before traffic shifts",
} as const satisfies Record<FunctionName, string>

/** Call nothing in the VPC: no network interfaces, no cold start of them. */
const outsideVpc: ReadonlySet<FunctionName> = new Set(["documents", "not-found", "bootstrap-brokers", "secret-rotation"])
/** Call the payment provider: the only ones with a way out. */
const paying: ReadonlySet<FunctionName> = new Set(["checkout", "event-reactor", "expiry-sweeper"])
const serving: ReadonlySet<string> = new Set([...routes.map(({ lambda }) => lambda), defaultLambda])
const identifying: ReadonlySet<string> = new Set(routes.filter(({ access }) => access !== "anyone").map(({ lambda }) => lambda))

export interface SaleFunctionsProps {
  readonly stage: StageConfig
  readonly network: Network
  readonly data: Pick<DataStack, "secrets">
  readonly shoppers: Shoppers
}

/** Every function of `lambdas/`, where it runs and whom it believes; what it may touch is connected by the stack. */
export class SaleFunctions extends Construct {
  readonly all: Readonly<Record<FunctionName, SaleFunction>>

  constructor(scope: Construct, id: string, props: SaleFunctionsProps) {
    super(scope, id)
    const names = Object.keys(descriptions) as FunctionName[]
    this.all = Object.fromEntries(names.map((name) => [name, this.#function(name, props)])) as Record<FunctionName, SaleFunction>
  }

  /** Those that answer requests; new versions of them get their share of the traffic step by step. */
  get api(): readonly SaleFunction[] {
    return Object.values(this.all).filter(({ name }) => serving.has(name))
  }

  #function(name: FunctionName, { stage, network, data, shoppers }: SaleFunctionsProps): SaleFunction {
    const onInstances = name === "reserve" && stage.reserve.kind === "managed-instances"
    const placement: Placement | undefined = outsideVpc.has(name) ? undefined : network.placement({ pays: paying.has(name) })
    const made = new SaleFunction(this, name, {
      stage,
      name,
      description: descriptions[name],
      // Instances run the published version; CodeDeploy cannot divide traffic among them.
      versioned: serving.has(name) && !onInstances,
      onInstances,
      ...(placement && { placement }),
    })
    if (placement) network.reachesAws(made)
    if (paying.has(name)) {
      network.reachesPaymentProvider(made)
      made.addEnvironment("PAYMENT_CALLS_PER_SECOND", String(stage.payments.callsPerSecond))
      data.secrets.grant(made, "PAYMENT_API_KEY")
    }
    if (serving.has(name)) data.secrets.grant(made, "ORIGIN_SECRET")
    if (identifying.has(name)) shoppers.identifyTo(made)
    if (onInstances && placement && stage.reserve.kind === "managed-instances") {
      new ManagedInstances(this, "ReserveInstances", { config: stage.reserve, placement, function: made })
    }
    return made
  }
}
