import acceptedOf from "../../database/functions/accepted_of.sql"
import adjustHoldings from "../../database/functions/adjust_holdings.sql"
import appendLedger from "../../database/functions/append_ledger.sql"
import changeRefund from "../../database/functions/change_refund.sql"
import changeStates from "../../database/functions/change_states.sql"
import confirmByCall from "../../database/functions/confirm_by_call.sql"
import confirmCheckout from "../../database/functions/confirm_checkout.sql"
import confirmReservation from "../../database/functions/confirm_reservation.sql"
import createSku from "../../database/functions/create_sku.sql"
import createSkuWithoutHoldLimit from "../../database/functions/create_sku_without_hold_limit.sql"
import databaseActivity from "../../database/functions/database_activity.sql"
import differingChecks from "../../database/functions/differing_checks.sql"
import endSession from "../../database/functions/end_session.sql"
import expectedChecks from "../../database/functions/expected_checks.sql"
import expiryResumed from "../../database/functions/expiry_resumed.sql"
import extendByHand from "../../database/functions/extend_by_hand.sql"
import extendHolds from "../../database/functions/extend_holds.sql"
import extendOnce from "../../database/functions/extend_once.sql"
import extendSku from "../../database/functions/extend_sku.sql"
import instant from "../../database/functions/instant.sql"
import keepPrice from "../../database/functions/keep_price.sql"
import keepProduct from "../../database/functions/keep_product.sql"
import leaveWaitlist from "../../database/functions/leave_waitlist.sql"
import ledgerHash from "../../database/functions/ledger_hash.sql"
import lockPartition from "../../database/functions/lock_partition.sql"
import maxPassed from "../../database/functions/max_passed.sql"
import microseconds from "../../database/functions/microseconds.sql"
import noteOutage from "../../database/functions/note_outage.sql"
import placeOf from "../../database/functions/place_of.sql"
import recordHeartbeat from "../../database/functions/record_heartbeat.sql"
import recordOutage from "../../database/functions/record_outage.sql"
import requestRefund from "../../database/functions/request_refund.sql"
import restoreChecks from "../../database/functions/restore_checks.sql"
import signOfLife from "../../database/functions/sign_of_life.sql"
import waitlistPosition from "../../database/functions/waitlist_position.sql"
import wakeSale from "../../database/functions/wake_sale.sql"
import writeBatch from "../../database/functions/write_batch.sql"
import writeDirect from "../../database/functions/write_direct.sql"
import roles from "../../database/roles.sql"
import openWarmUpSale from "../../database/warm-up/open_warm_up_sale.sql"
import removeWarmUpSales from "../../database/warm-up/remove_warm_up_sales.sql"
import sellWarmUpHolds from "../../database/warm-up/sell_warm_up_holds.sql"

/**
 * The roles and the functions of the database by name, in the order in which they are applied: a function of SQL comes after
 * those it calls. Each file can be applied again at any time. Imported as text, the files are in the bundle of the function that
 * applies them.
 *
 * During a deployment and during its rollback the bodies serve the version before and the version after, too: a body that would
 * break one of them gets another name or signature, and the old one stays until no version calls it.
 */
export const definitions: Readonly<Record<string, string>> = {
  roles,
  microseconds,
  instant,
  ledger_hash: ledgerHash,
  append_ledger: appendLedger,
  max_passed: maxPassed,
  waitlist_position: waitlistPosition,
  place_of: placeOf,
  expiry_resumed: expiryResumed,
  lock_partition: lockPartition,
  accepted_of: acceptedOf,
  write_batch: writeBatch,
  write_direct: writeDirect,
  change_states: changeStates,
  adjust_holdings: adjustHoldings,
  leave_waitlist: leaveWaitlist,
  record_outage: recordOutage,
  note_outage: noteOutage,
  record_heartbeat: recordHeartbeat,
  sign_of_life: signOfLife,
  extend_sku: extendSku,
  extend_holds: extendHolds,
  extend_by_hand: extendByHand,
  extend_once: extendOnce,
  create_sku: createSku,
  create_sku_without_hold_limit: createSkuWithoutHoldLimit,
  confirm_checkout: confirmCheckout,
  confirm_reservation: confirmReservation,
  confirm_by_call: confirmByCall,
  request_refund: requestRefund,
  change_refund: changeRefund,
  keep_price: keepPrice,
  keep_product: keepProduct,
  wake_sale: wakeSale,
  expected_checks: expectedChecks,
  differing_checks: differingChecks,
  restore_checks: restoreChecks,
  database_activity: databaseActivity,
  end_session: endSession,
}

/** What the warm-up database has: the same as the sale's database, and the functions that make and remove its sales. */
export const warmUpDefinitions: Readonly<Record<string, string>> = {
  ...definitions,
  remove_warm_up_sales: removeWarmUpSales,
  open_warm_up_sale: openWarmUpSale,
  sell_warm_up_holds: sellWarmUpHolds,
}
