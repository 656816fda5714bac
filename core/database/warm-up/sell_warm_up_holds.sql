-- sell_warm_up_holds: makes paid orders of holds of the warm-up, so that their payments can be captured.
--   in      the ids of the holds; each becomes the id of its order and of its payment attempt, too
CREATE OR REPLACE FUNCTION sell_warm_up_holds(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE inventory i SET reserved_count = i.reserved_count - h.units, sold_count = i.sold_count + h.units
    FROM (SELECT sku_no, sum(quantity) AS units FROM reservations WHERE id = ANY (p_ids) GROUP BY sku_no) h
   WHERE i.sku_no = h.sku_no;
  UPDATE reservations SET state = 3 WHERE id = ANY (p_ids);
  INSERT INTO payment_attempts
    (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status, provider_ref)
  SELECT id, id, user_id, sku_no, body_hash, 100, 'EUR', 'CONFIRMED', 'pi_warm_up' FROM reservations WHERE id = ANY (p_ids);
  INSERT INTO orders (order_id, reservation_id, user_id, sku_no, sku_id, quantity, amount_minor, currency, attempt_id, created_at)
  SELECT r.id, r.id, r.user_id, r.sku_no, i.sku_id, r.quantity, 100, 'EUR', r.id, clock_timestamp()
    FROM reservations r JOIN inventory i USING (sku_no) WHERE r.id = ANY (p_ids);
END $$;
