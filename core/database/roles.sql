-- The roles, and what each may do with the tables. On AWS the login of a function is a member of one role; locally one login is a
-- member of all roles, and each pool names the role it takes. No role may change or delete a ledger entry, or change a decision.
--
-- This file is applied again when it changes, after the migrations. A right that leaves it needs a REVOKE here, in a release
-- after the last version that uses the right. Every function may be executed by PUBLIC and runs with the rights of its caller;
-- the file of a function that has the owner's rights says who may call it.

DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'flash_reader', 'flash_transition', 'flash_checkout', 'flash_admin', 'flash_relay', 'flash_provisioner',
    'flash_analytics', 'flash_notifier'
  ] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
  END LOOP;
END $$;

-- Every role that works on sales reads the sales, what was decided, and the outages.
GRANT SELECT ON
  products, inventory, reservations, user_holdings, waitlist, payment_attempts, orders, ledger, event_progress, partition_progress,
  quarantine, quarantine_outcomes, server_life, outages, payment_retries, refunds, migrations, operator_settings,
  ended_generations
  TO flash_reader, flash_transition, flash_checkout, flash_relay;

-- reader: reads of shoppers and of operators, and every check. It has no other right.
GRANT SELECT ON applied_definitions TO flash_reader;

-- transition: the writer, the sweeper, cancel: everything that goes through `decide`.
GRANT UPDATE ON inventory, partition_progress, server_life TO flash_transition;
GRANT INSERT ON reservations, user_holdings, waitlist, ledger, quarantine, outages TO flash_transition;
GRANT UPDATE (state, expires_at) ON reservations TO flash_transition;
GRANT UPDATE (units, cap, unpaid_holds) ON user_holdings TO flash_transition;
GRANT UPDATE (passed), DELETE ON waitlist TO flash_transition;
GRANT UPDATE (status, refunded_minor, refunded_at, units_kept) ON orders TO flash_transition;
GRANT UPDATE (status, updated_at, settled_at) ON payment_attempts TO flash_transition;
GRANT INSERT, UPDATE, DELETE ON payment_retries TO flash_transition;
GRANT SELECT, INSERT, DELETE ON batch_calls, admin_commands TO flash_transition;
-- The sweeper changes the limits of admission by itself. The commands of operators run with the admin role, a member of this one.
GRANT INSERT, UPDATE ON operator_settings TO flash_transition;
GRANT UPDATE (seen_at) ON batch_calls TO flash_transition;
-- What a refund asks for never changes, only what became of it.
GRANT INSERT, UPDATE (state, provider_ref, failure_code, settled_at, next_at, tries, failing_since, last_error)
  ON refunds TO flash_transition, flash_checkout;
GRANT SELECT, INSERT ON admin_commands TO flash_checkout;

-- checkout: payment attempts and the one call that confirms.
GRANT INSERT, UPDATE ON payment_attempts TO flash_checkout;
GRANT INSERT ON orders, ledger TO flash_checkout;
GRANT UPDATE (state) ON reservations TO flash_checkout;
GRANT UPDATE (unpaid_holds) ON user_holdings TO flash_checkout;
GRANT UPDATE ON inventory TO flash_checkout;
GRANT INSERT, UPDATE, DELETE ON payment_retries TO flash_checkout;

-- admin: creates SKUs. Everything that changes a living sale goes through the transition role.
GRANT flash_transition TO flash_admin;
GRANT INSERT ON products, inventory, event_progress TO flash_admin;
-- What an operator did with a record in quarantine never changes.
GRANT INSERT ON quarantine_outcomes TO flash_admin;
-- An ended generation of the log stays ended.
GRANT INSERT ON ended_generations TO flash_admin;

-- relay: publishes the ledger.
GRANT UPDATE ON event_progress TO flash_relay;

-- provisioner: writes the first watermarks of a new topic.
GRANT SELECT, INSERT ON partition_progress TO flash_provisioner;
GRANT SELECT ON ended_generations TO flash_provisioner;

-- analytics: its own schema, and nothing of the sale. On AWS its tables are empty: DynamoDB keeps the figures there.
GRANT USAGE ON SCHEMA analytics TO flash_analytics;
GRANT SELECT, INSERT, UPDATE ON analytics.generations, analytics.partitions, analytics.archive TO flash_analytics;

-- notifier: what became of notices, in the local run; a deployed stage keeps it in DynamoDB. It reads nothing of a sale.
GRANT USAGE ON SCHEMA notices TO flash_notifier;
GRANT SELECT, INSERT, UPDATE, DELETE ON notices.notices TO flash_notifier;
GRANT SELECT, UPDATE ON notices.sending TO flash_notifier;
