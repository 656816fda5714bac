-- Invariants 1 and 11: the waitlist holds exactly the waitlisted, each at the position of its decision, within its limit.
SELECT format('waitlist and reservations differ for %s', coalesce(w.id, r.id)) AS violation
  FROM waitlist w
  FULL JOIN (SELECT * FROM reservations WHERE state = 2) r ON r.id = w.id
 WHERE (w.sku_no, w.seq, w.ord, w.user_id, w.quantity) IS DISTINCT FROM (r.sku_no, r.seq, r.ord, r.user_id, r.quantity)
UNION ALL
SELECT format('SKU %s counts %s waiting, there are %s', i.sku_id, i.waitlisted, w.entries)
  FROM inventory i CROSS JOIN LATERAL (SELECT count(*) AS entries FROM waitlist w WHERE w.sku_no = i.sku_no) w
 WHERE i.waitlisted <> w.entries OR w.entries > i.waitlist_limit
