-- expected_checks: the CHECK constraints of the sale's tables, as this version knows them. A test compares them with those of a
-- new database.
CREATE OR REPLACE FUNCTION expected_checks() RETURNS TABLE (table_name text, check_name text, definition text) IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  VALUES
    ('inventory', 'frozen_is_halted', 'CHECK (((NOT frozen) OR (mode = ''halted''::text)))'),
    ('inventory', 'inventory_hold_seconds_check', 'CHECK ((hold_seconds > 0))'),
    ('inventory', 'inventory_max_unpaid_holds_check', 'CHECK (((max_unpaid_holds >= 1) AND (max_unpaid_holds <= 32767)))'),
    ('inventory', 'inventory_mode_check', 'CHECK ((mode = ANY (ARRAY[''batch''::text, ''direct''::text, ''halted''::text])))'),
    ('inventory', 'inventory_partition_check', 'CHECK ((partition >= 0))'),
    ('inventory', 'inventory_per_user_limit_check', 'CHECK ((per_user_limit > 0))'),
    ('inventory', 'inventory_reserved_count_check', 'CHECK ((reserved_count >= 0))'),
    ('inventory', 'inventory_resume_mode_check', 'CHECK ((resume_mode = ANY (ARRAY[''batch''::text, ''direct''::text])))'),
    ('inventory', 'inventory_sold_count_check', 'CHECK ((sold_count >= 0))'),
    ('inventory', 'inventory_status_check', 'CHECK ((status = ANY (ARRAY[''draft''::text, ''open''::text, ''closed''::text])))'),
    ('inventory', 'inventory_waitlist_limit_check', 'CHECK ((waitlist_limit >= 0))'),
    ('inventory', 'inventory_waitlisted_check', 'CHECK ((waitlisted >= 0))'),
    ('inventory', 'never_oversold', 'CHECK (((reserved_count + sold_count) <= total_stock))'),
    ('inventory', 'nothing_is_held_at_rest', 'CHECK (((resting_since IS NULL) OR ((reserved_count = 0) AND (waitlisted = 0))))'),
    ('orders', 'orders_status_check', 'CHECK ((status = ANY (ARRAY[''PENDING_CAPTURE''::text, ''PAID''::text, ''FAILED''::text, ''REFUNDED''::text])))'),
    ('orders', 'refunded_within_payment', 'CHECK (((refunded_minor >= 0) AND (refunded_minor <= amount_minor)))'),
    ('payment_attempts', 'payment_attempts_status_check', 'CHECK ((status = ANY (ARRAY[''OPEN''::text, ''ACTION_REQUIRED''::text, ''AUTHORISED''::text, ''DECLINED''::text, ''CONFIRMED''::text, ''ABANDONED''::text])))'),
    ('payment_retries', 'payment_retries_tries_check', 'CHECK ((tries > 0))'),
    ('payment_retries', 'payment_retries_work_check', 'CHECK ((work = ANY (ARRAY[''capture''::text, ''give-back''::text, ''complete''::text])))'),
    ('products', 'products_price_minor_check', 'CHECK ((price_minor >= 0))'),
    ('refunds', 'refunds_amount_minor_check', 'CHECK ((amount_minor > 0))'),
    ('refunds', 'refunds_origin_check', 'CHECK ((origin = ANY (ARRAY[''operator''::text, ''provider''::text, ''dispute''::text])))'),
    ('refunds', 'refunds_state_check', 'CHECK ((state = ANY (ARRAY[''REQUESTED''::text, ''UNKNOWN''::text, ''PENDING''::text, ''SUCCEEDED''::text, ''FAILED''::text])))'),
    ('refunds', 'refunds_tries_check', 'CHECK ((tries >= 0))'),
    ('server_life', 'server_life_only_row_check', 'CHECK (only_row)'),
    ('user_holdings', 'within_hold_limit', 'CHECK (((unpaid_holds >= 0) AND (unpaid_holds <= unpaid_cap)))'),
    ('user_holdings', 'within_user_limit', 'CHECK (((units >= 0) AND (units <= cap)))')
$$;
