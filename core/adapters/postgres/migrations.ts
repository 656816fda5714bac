import sale from "../../database/migrations/0001_sale.sql"
import transitions from "../../database/migrations/0002_transitions.sql"
import roles from "../../database/migrations/0003_roles.sql"
import writeBatch from "../../database/migrations/0004_write_batch.sql"
import acceptedInLedger from "../../database/migrations/0005_accepted_in_ledger.sql"
import modes from "../../database/migrations/0006_modes.sql"
import holdExtension from "../../database/migrations/0007_hold_extension.sql"
import holdLimit from "../../database/migrations/0009_hold_limit.sql"
import money from "../../database/migrations/0010_money.sql"
import relayLease from "../../database/migrations/0011_relay_lease.sql"
import idempotentCommands from "../../database/migrations/0012_idempotent_commands.sql"
import salesAtRest from "../../database/migrations/0013_sales_at_rest.sql"
import appliedDefinitions from "../../database/migrations/0014_applied_definitions.sql"
import refunds from "../../database/migrations/0016_refunds.sql"
import analytics from "../../database/migrations/0017_analytics.sql"
import notices from "../../database/migrations/0018_notices.sql"
import quarantineOutcomes from "../../database/migrations/0019_quarantine_outcomes.sql"
import operatorSettings from "../../database/migrations/0020_operator_settings.sql"
import statementStatistics from "../../database/migrations/0022_statement_statistics.sql"
import generations from "../../database/migrations/0023_generations.sql"

/**
 * The migrations by file name, in order: tables and data, forward only. A migration that a database may have applied does not
 * change what it does. Imported as text, the files are in the bundle of the function that applies them.
 */
export const migrations: Readonly<Record<string, string>> = {
  "0001_sale.sql": sale,
  "0002_transitions.sql": transitions,
  "0003_roles.sql": roles,
  "0004_write_batch.sql": writeBatch,
  "0005_accepted_in_ledger.sql": acceptedInLedger,
  "0006_modes.sql": modes,
  "0007_hold_extension.sql": holdExtension,
  "0009_hold_limit.sql": holdLimit,
  "0010_money.sql": money,
  "0011_relay_lease.sql": relayLease,
  "0012_idempotent_commands.sql": idempotentCommands,
  "0013_sales_at_rest.sql": salesAtRest,
  "0014_applied_definitions.sql": appliedDefinitions,
  "0016_refunds.sql": refunds,
  "0017_analytics.sql": analytics,
  "0018_notices.sql": notices,
  "0019_quarantine_outcomes.sql": quarantineOutcomes,
  "0020_operator_settings.sql": operatorSettings,
  "0022_statement_statistics.sql": statementStatistics,
  "0023_generations.sql": generations,
}
