import type { DatabaseConfig } from "../config.ts"

/**
 * Settings of the server. The functions' pools set the same timeouts on their connections; these bound whoever comes with a client of
 * his own.
 */
export const databaseParameters = ({ maxConnections }: DatabaseConfig): Record<string, string> => ({
  max_connections: String(maxConnections),
  "rds.force_ssl": "1",
  password_encryption: "scram-sha-256",
  // An acknowledged decision survives the loss of a zone.
  synchronous_commit: "on",
  // A frozen writer's locks are freed after this, so that another can go on.
  idle_in_transaction_session_timeout: "4000",
  lock_timeout: "5000",
  "rds.log_retention_period": "10080",
  log_min_duration_statement: "200",
  log_lock_waits: "1",
  deadlock_timeout: "200",
  track_io_timing: "1",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
  // Decided rows are updated in place a few times and never deleted; counters are updated for every batch.
  autovacuum_vacuum_scale_factor: "0.02",
  autovacuum_naptime: "15",
})
