import { Client, escapeLiteral } from "pg"
import { functionLogin } from "./data-services.ts"

/** Runs statements on one connection, each outside a transaction: CREATE DATABASE cannot be part of a transaction. */
export async function runStatements(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * Creates the login of the functions. It is a member of every role of the migrations and inherits none: a connection that does
 * not take its role can do nothing.
 */
export const ensureFunctionLogin = (ownerUrl: string, password: string): Promise<void> =>
  runStatements(
    ownerUrl,
    `DO $$ BEGIN
       IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(functionLogin)}) THEN
         CREATE ROLE ${functionLogin} LOGIN NOSUPERUSER NOINHERIT;
       END IF;
       EXECUTE (SELECT format('GRANT %s TO ${functionLogin}', string_agg(quote_ident(rolname), ', '))
                  FROM pg_roles WHERE rolname LIKE 'flash\\_%');
     END $$`,
    `ALTER ROLE ${functionLogin} PASSWORD ${escapeLiteral(password)}`,
  )
