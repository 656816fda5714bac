import type { OpsCommand, OpsRequest, OpsResult } from "../../core/contracts/ops.ts"
import { checkHandlers } from "../../core/workflows/operations/checks.ts"
import type { OpsHost } from "../../core/workflows/operations/handlers.ts"
import { databaseHandlers } from "./commands/database.ts"
import { generationHandlers } from "./commands/generations.ts"
import { groupHandlers } from "./commands/groups.ts"
import type { Handlers } from "./commands/handlers.ts"
import { mendHandlers } from "./commands/mend.ts"
import { messageHandlers } from "./commands/messages.ts"
import { noticeHandlers } from "./commands/notices.ts"
import { orderHandlers } from "./commands/orders.ts"
import { paymentHandlers } from "./commands/payments.ts"
import { positionHandlers } from "./commands/positions.ts"
import { preflightHandlers } from "./commands/preflight.ts"
import { quarantineHandlers } from "./commands/quarantine.ts"
import { redisHandlers } from "./commands/redis.ts"
import { reportHandlers } from "./commands/report.ts"
import { saleHandlers } from "./commands/sales.ts"
import { settingsHandlers } from "./commands/settings.ts"
import { topicHandlers } from "./commands/topics.ts"
import { warmHandlers } from "./commands/warm.ts"
import type { OpsParts } from "./runtime.ts"

const handlers: Handlers<OpsCommand> = {
  ...checkHandlers,
  ...positionHandlers,
  ...saleHandlers,
  ...orderHandlers,
  ...noticeHandlers,
  ...groupHandlers,
  ...generationHandlers,
  ...databaseHandlers,
  ...paymentHandlers,
  ...redisHandlers,
  ...settingsHandlers,
  ...mendHandlers,
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
