import { Construct } from "constructs"
import { defaultLambda, routes } from "../../core/contracts/http/routes.ts"
import { aliasedConsumers } from "../../core/contracts/ops.ts"
import { functionsOutsideVpc } from "../capacity/placement.ts"
import { warmStartSpreadMs } from "../capacity/start-spread.ts"
import { warmFolders } from "../capacity/warm-targets.ts"
import type { FunctionName, StageConfig } from "../config.ts"
import { isOnInstances } from "../function-name.ts"
import type { DataStack } from "../stacks/data.ts"
import { ManagedInstances } from "./managed-instances.ts"
import type { Network } from "./network.ts"
import { type Placement, SaleFunction } from "./sale-function.ts"
import type { Shoppers } from "./shoppers.ts"

/** What each function does, as the list of functions shows it. */
export const descriptions = {
  catalogue: "Lists the SKUs with their prices and opening times",
  availability: "Shows the stock",
  reserve: "Admits a shopper and queues the request",
  "reserve-batch": "Queues the requests of a trusted client's users",
  reservation: "Shows a reservation and cancels it",
  checkout: "Pays for a hold",
  orders: "Shows what a shopper bought",
  health: "Reports whether the API runs and its dependencies answer",
  documents: "Serves the OpenAPI document and the keys of receipts",
  admin: "Creates and steers sales",
  analytics: "Counts the events of the sale",
  "analytics-report": "Writes the figures of analytics every ten seconds",
  "not-found": "Answers requests that no route matches",
  ops: "Runs the commands of operators from outside the network",
  "ops-checks": "Runs the long checks of operators: verify-sale, invariants, reconcile",
  "batch-writer": "The single writer: decides the queued requests",
  fulfilment: "Appends paid and refunded orders to the topic of the warehouse",
  notifier: "Writes to shoppers what became of their reservations and orders",
  "mail-feedback": "Records mails that bounced or were unwanted",
  pager: "Tells the pager service of changed alarms",
  "event-reactor": "Captures payments and cleans up after transitions",
  "expiry-sweeper": "Ends holds, closes sales, publishes the ledger, reconciles payments",
  "bootstrap-brokers": "Gives a deployment the addresses of the brokers",
  "secret-rotation": "Rotates the secrets that no AWS service rotates",
  warmer: "Keeps environments warm around sales",
  "token-claims": "Notes when an account was made, and writes it into access tokens",
  provisioner: "Migrates the database and creates its logins before traffic shifts",
} as const satisfies Record<FunctionName, string>

/** Functions that call the payment provider: only they have a route to the internet. */
const paying: ReadonlySet<FunctionName> = new Set(["checkout", "event-reactor", "expiry-sweeper", "ops", "ops-checks"])
/** Functions that call the mail provider and the shop's public API, both on the internet. */
const mailing: ReadonlySet<FunctionName> = new Set(["notifier"])
const serving: ReadonlySet<string> = new Set([...routes.map(({ lambda }) => lambda), defaultLambda])
const identifying: ReadonlySet<string> = new Set(routes.filter(({ access }) => access !== "anyone").map(({ lambda }) => lambda))

export interface SaleFunctionsProps<Name extends FunctionName> {
  readonly names: readonly Name[]
  readonly stage: StageConfig
  readonly network: Network
  readonly data: Pick<DataStack, "secrets">
  readonly shoppers: Shoppers
}

/** Functions of `lambdas/`, where each runs and whose tokens it accepts. The stack connects them to resources. */
export class SaleFunctions<Name extends FunctionName> extends Construct {
  readonly all: Readonly<Record<Name, SaleFunction>>

  constructor(scope: Construct, id: string, props: SaleFunctionsProps<Name>) {
    super(scope, id)
    this.all = Object.fromEntries(props.names.map((name) => [name, this.#function(name, props)])) as Record<Name, SaleFunction>
  }

  /** The functions that answer requests. Their new versions get traffic step by step. */
  get api(): readonly SaleFunction[] {
    return Object.values<SaleFunction>(this.all).filter(({ name }) => serving.has(name))
  }

  #function(name: FunctionName, { stage, network, data, shoppers }: SaleFunctionsProps<Name>): SaleFunction {
    const onInstances = isOnInstances(stage, name)
    const placement: Placement | undefined = functionsOutsideVpc.has(name)
      ? undefined
      : network.placement({ pays: paying.has(name) || mailing.has(name) })
    const made = new SaleFunction(this, name, {
      stage,
      name,
      description: descriptions[name],
      // Instances run the published version; CodeDeploy cannot split traffic between versions there.
      versioned: (serving.has(name) && !onInstances) || aliasedConsumers.has(name),
      ...(placement && { placement }),
    })
    if (warmFolders(stage).includes(name)) made.addEnvironment("WARM_UP_SPREAD_MS", String(warmStartSpreadMs(stage)))
    if (placement) network.reachesAws(made)
    if (paying.has(name)) {
      network.reachesPaymentProvider(made)
      made.addEnvironment("PAYMENT_CALLS_PER_SECOND", String(stage.payments.callsPerSecond))
      data.secrets.grant(made, "PAYMENT_API_KEY")
    }
    if (mailing.has(name)) network.reachesMailProvider(made)
    if (serving.has(name)) data.secrets.grant(made, "ORIGIN_SECRET")
    if (identifying.has(name)) shoppers.identifyTo(made)
    if (onInstances && placement && stage.reserve.kind === "managed-instances") {
      new ManagedInstances(this, "ReserveInstances", { config: stage.reserve, placement, function: made })
    }
    return made
  }
}
