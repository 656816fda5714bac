import * as z from "zod"
import { unfinishedDeliveries } from "../contracts/environment.ts"
import type { MskResponse } from "../contracts/msk-event.ts"
import { functionConfig } from "./environment.ts"

const { reported, thrown, variable } = unfinishedDeliveries
const deliveryEnvironment = { [variable]: z.enum([reported, thrown]).default(reported) }

/** The mapping delivers the whole batch again. Records that were processed are processed again, and change nothing. */
export class DeliveryUnfinished extends Error {
  override readonly name = "DeliveryUnfinished"

  constructor({ batchItemFailures }: MskResponse) {
    const places = batchItemFailures.map(({ itemIdentifier: { partition, offset } }) => `${partition} from offset ${offset}`)
    super(`The delivery was not finished: ${places.join(", ")}. Lambda delivers all of it again`)
  }
}

/**
 * The answer of a consumer to Lambda. An on-demand mapping takes every answer as success and would commit the failed records:
 * there the delivery fails as a whole.
 * @returns the answer, where the mapping reads it
 * @throws DeliveryUnfinished where it does not, if a record must be delivered again
 */
export function deliveryAnswer(answer: MskResponse): MskResponse {
  if (answer.batchItemFailures.length === 0 || functionConfig(deliveryEnvironment)[variable] === reported) return answer
  throw new DeliveryUnfinished(answer)
}
