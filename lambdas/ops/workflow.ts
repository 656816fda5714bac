import type { OpsCommand, OpsRequest, OpsResult } from "../../core/contracts/ops.ts"
import { databaseHandlers } from "./commands/database.ts"
import { generationHandlers } from "./commands/generations.ts"
import { groupHandlers } from "./commands/groups.ts"
import type { Handlers, OpsHost } from "./commands/handlers.ts"
import { messageHandlers } from "./commands/messages.ts"
import { noticeHandlers } from "./commands/notices.ts"
import { orderHandlers } from "./commands/orders.ts"
import { paymentHandlers } from "./commands/payments.ts"
import { preflightHandlers } from "./commands/preflight.ts"
import { quarantineHandlers } from "./commands/quarantine.ts"
import { reconcileHandlers } from "./commands/reconcile.ts"
import { redisHandlers } from "./commands/redis.ts"
import { reportHandlers } from "./commands/report.ts"
import { saleHandlers } from "./commands/sales.ts"
import { settingsHandlers } from "./commands/settings.ts"
import { topicHandlers } from "./commands/topics.ts"
import { verificationHandlers } from "./commands/verification.ts"
import { warmHandlers } from "./commands/warm.ts"
import type { OpsParts } from "./runtime.ts"

const handlers: Handlers<OpsCommand> = {
  ...verificationHandlers,
  ...saleHandlers,
  ...orderHandlers,
  ...noticeHandlers,
  ...groupHandlers,
  ...generationHandlers,
  ...databaseHandlers,
  ...paymentHandlers,
  ...redisHandlers,
  ...settingsHandlers,
  ...reconcileHandlers,
  ...quarantineHandlers,
  ...topicHandlers,
  ...messageHandlers,
  ...reportHandlers,
  ...preflightHandlers,
  ...warmHandlers,
}

/** Carries a command out. @throws ProblemError to answer with, and the errors of PostgreSQL, Redis and Kafka */
export const carryOut = (parts: OpsParts, request: OpsRequest, host: OpsHost): Promise<OpsResult> => {
  const handle = handlers[request.command] as (parts: OpsParts, request: OpsRequest, host: OpsHost) => Promise<OpsResult>
  return handle(parts, request, host)
}
