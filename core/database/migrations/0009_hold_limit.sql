-- Two limits of what one shopper may do to others: holds that are never paid, and smaller requests that pass a waitlisted one.
--
-- A user who lets holds expire, or cancels them, does not get new ones without end: each SKU limits the holds that were not paid
-- (ADR 0023).

-- What a SKU allowed before there was a limit: as much as the column of the counts can hold.
ALTER TABLE inventory
  ADD COLUMN max_unpaid_holds integer NOT NULL DEFAULT 32767 CHECK (max_unpaid_holds BETWEEN 1 AND 32767),
  ADD COLUMN refused_hold_limit bigint NOT NULL DEFAULT 0;

-- unpaid_holds: the reservations of a user that are or were a hold, or wait for one, and were not paid: RESERVED, WAITLISTED,
-- EXPIRED, and CANCELLED where there was a hold. One more with each request that is granted or waitlisted; one less when it is
-- paid, and when an entry leaves the waitlist without having been a hold. `unpaid_cap` is the tripwire behind the limit that the
-- code applies.
ALTER TABLE user_holdings
  ADD COLUMN unpaid_holds smallint NOT NULL DEFAULT 0,
  ADD COLUMN unpaid_cap smallint NOT NULL DEFAULT 32767,
  ADD CONSTRAINT within_hold_limit CHECK (unpaid_holds BETWEEN 0 AND unpaid_cap);

UPDATE user_holdings h SET unpaid_holds = r.holds
  FROM (SELECT sku_no, user_id, count(*) AS holds FROM reservations
         WHERE state IN (1, 2, 4) OR (state = 5 AND expires_at IS NOT NULL) GROUP BY sku_no, user_id) r
 WHERE r.sku_no = h.sku_no AND r.user_id = h.user_id;

-- How many grants went to later entries: each grant passes every entry that waits before the granted one.
ALTER TABLE waitlist ADD COLUMN passed integer NOT NULL DEFAULT 0;
