import type { DatabaseConfig } from "../config.ts"

/**
 * Settings of the server. The functions' pools set the same timeouts on their connections. The server's timeouts bound every
 * other client.
 */
export const databaseParameters = ({ maxConnections }: DatabaseConfig): Record<string, string> => ({
  max_connections: String(maxConnections),
  "rds.force_ssl": "1",
  password_encryption: "scram-sha-256",
  // An acknowledged decision survives the loss of a zone.
  synchronous_commit: "on",
  // Frees the locks of a frozen writer, so that another writer can continue.
  idle_in_transaction_session_timeout: "4000",
  lock_timeout: "5000",
  "rds.log_retention_period": "10080",
  log_min_duration_statement: "200",
  log_lock_waits: "1",
  deadlock_timeout: "200",
  track_io_timing: "1",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
  // Decided rows are updated in place a few times and never deleted. Every batch updates the counters.
  autovacuum_vacuum_scale_factor: "0.02",
  autovacuum_naptime: "15",
})
