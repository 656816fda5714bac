import adjustHoldings from "./statements/adjust-holdings.sql"
import appendLedger from "./statements/append-ledger.sql"
import changeOrders from "./statements/change-orders.sql"
import changeSale from "./statements/change-sale.sql"
import changeStates from "./statements/change-states.sql"
import extendHolds from "./statements/extend-holds.sql"
import findCommand from "./statements/find-command.sql"
import leaveWaitlist from "./statements/leave-waitlist.sql"
import loadDecided from "./statements/load-decided.sql"
import loadHoldings from "./statements/load-holdings.sql"
import loadOrders from "./statements/load-orders.sql"
import loadOverdue from "./statements/load-overdue.sql"
import loadWaiting from "./statements/load-waiting.sql"
import lockInventory from "./statements/lock-inventory.sql"
import lockLine from "./statements/lock-line.sql"
import lockPartition from "./statements/lock-partition.sql"
import noteCommand from "./statements/note-command.sql"
import passWaiters from "./statements/pass-waiters.sql"
import quarantine from "./statements/quarantine.sql"
import readClock from "./statements/read-clock.sql"
import writeBatch from "./statements/write-batch.sql"
import writeDirect from "./statements/write-direct.sql"

/** The statements of a transition, prepared once per connection. Tests plant a wrong one to show that it is caught. */
export const transitionStatements = {
  lockPartition,
  lockLine,
  extendHolds,
  lockInventory,
  loadDecided,
  loadHoldings,
  loadOverdue,
  loadWaiting,
  loadOrders,
  findCommand,
  readClock,
  changeStates,
  adjustHoldings,
  leaveWaitlist,
  passWaiters,
  appendLedger,
  changeSale,
  changeOrders,
  noteCommand,
  quarantine,
  writeBatch,
  writeDirect,
} as const satisfies Record<string, string>

export type TransitionStatements = Record<keyof typeof transitionStatements, string>
