-- What each function may do. On AWS a function's login is a member of its role alone; locally one login is a member of all
-- and every pool names the role it takes. Nobody may change or delete a ledger row, or change what was decided.

DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['flash_reader', 'flash_transition', 'flash_checkout', 'flash_admin', 'flash_relay', 'flash_provisioner'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
  END LOOP;
END $$;

-- reader: reads of shoppers and of operations, and every check.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO flash_reader;

-- transition: the writer, the sweeper, cancel: everything that goes through `decide`.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO flash_transition;
GRANT UPDATE ON inventory, partition_progress TO flash_transition;
GRANT INSERT ON reservations, user_holdings, waitlist, ledger, quarantine TO flash_transition;
GRANT UPDATE (state, expires_at) ON reservations TO flash_transition;
GRANT UPDATE (units, cap) ON user_holdings TO flash_transition;
GRANT DELETE ON waitlist TO flash_transition;
GRANT UPDATE (status) ON orders TO flash_transition;
GRANT UPDATE (status, updated_at, settled_at) ON payment_attempts TO flash_transition;

-- checkout: payment attempts and the one confirming call.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO flash_checkout;
GRANT INSERT, UPDATE ON payment_attempts TO flash_checkout;
GRANT INSERT ON orders, ledger TO flash_checkout;
GRANT UPDATE (state) ON reservations TO flash_checkout;
GRANT UPDATE ON inventory TO flash_checkout;

-- admin: creates SKUs; everything that changes a living sale goes through the transition role.
GRANT flash_transition TO flash_admin;
GRANT INSERT ON products, inventory, event_progress TO flash_admin;

-- relay: publishes the ledger.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO flash_relay;
GRANT UPDATE ON event_progress TO flash_relay;

-- provisioner: writes the first watermarks of a new topic.
GRANT SELECT, INSERT ON partition_progress TO flash_provisioner;
