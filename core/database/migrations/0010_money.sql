-- Money: a price that stays, payments that are set aside and tried again, and the one call that made a sale. FS007: a price may not change.

-- keep_price: the price of a product stays once its sale has left draft, or is due to: shoppers hold units at it, and every amount is taken
-- from here. A draft that opens by itself counts as open from then on, whether or not a transaction has noticed.
CREATE FUNCTION keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The lock of the SKU: an opening that is under way comes first, and the price of an open sale stays.
  PERFORM FROM inventory WHERE sku_id = OLD.sku_id FOR UPDATE;
  IF EXISTS (SELECT FROM inventory
              WHERE sku_id = OLD.sku_id AND (status <> 'draft' OR opens_at <= clock_timestamp())) THEN
    RAISE EXCEPTION 'the sale of % has left draft: its price stays', OLD.sku_id USING ERRCODE = 'FS007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_stays BEFORE UPDATE ON products FOR EACH ROW
  WHEN ((NEW.price_minor, NEW.currency, NEW.sku_id) IS DISTINCT FROM (OLD.price_minor, OLD.currency, OLD.sku_id))
  EXECUTE FUNCTION keep_price();

-- keep_product: a SKU is not sold as another product, which would change its price as well. Fires for statements that name the column only.
CREATE FUNCTION keep_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'SKU % stays the product it is', OLD.sku_id USING ERRCODE = 'FS007';
END $$;
CREATE TRIGGER product_stays BEFORE UPDATE OF sku_id ON inventory FOR EACH ROW
  WHEN (NEW.sku_id IS DISTINCT FROM OLD.sku_id) EXECUTE FUNCTION keep_product();

-- Work on a payment that did not succeed, and when it is tried again. No row: it was not tried in vain yet.
--   capture    the money of an order is collected
--   give-back  what an abandoned attempt may hold goes back to the shopper
--   complete   the provider is asked what has become of a payment
CREATE TABLE payment_retries (
  work       text NOT NULL CHECK (work IN ('capture', 'give-back', 'complete')),
  attempt_id uuid NOT NULL,
  tries      integer NOT NULL DEFAULT 1 CHECK (tries > 0),
  since      timestamptz NOT NULL DEFAULT clock_timestamp(),
  next_at    timestamptz NOT NULL,
  -- What the last try failed with; null when it found nothing to do yet.
  last_error text,
  PRIMARY KEY (work, attempt_id)
) WITH (fillfactor = 70);

GRANT SELECT ON payment_retries TO flash_reader, flash_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_retries TO flash_transition, flash_checkout;

-- The call that confirmed an attempt; null for attempts that an older version confirmed.
ALTER TABLE payment_attempts ADD COLUMN confirmed_by uuid;

-- confirm_by_call: confirm_reservation, and whether it was this call that made the sale: the first to find the attempt confirmed writes its id
-- beside it, in the transaction and under the locks of the confirmation. A call that asks again because its answer was lost finds its own id.
--   in   as confirm_reservation, and the id of the call
--   out  `outcome`: confirmed | expired | lost; `made`: true for the one call that made the sale
--   locks as confirm_reservation
CREATE FUNCTION confirm_by_call(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid, p_call uuid)
RETURNS TABLE (outcome text, made boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_outcome text;
  v_confirmed_by uuid;
BEGIN
  SELECT c.outcome INTO v_outcome FROM confirm_reservation(p_reservation, p_user, p_attempt, p_order) c;
  IF v_outcome = 'confirmed' THEN
    UPDATE payment_attempts SET confirmed_by = coalesce(confirmed_by, p_call) WHERE attempt_id = p_attempt
    RETURNING confirmed_by INTO v_confirmed_by;
  END IF;
  RETURN QUERY SELECT v_outcome, coalesce(v_confirmed_by = p_call, false);
END $$;
