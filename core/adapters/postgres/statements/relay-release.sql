-- relay-release: ends a turn before its lease does; changes nothing once another relay has the turn.
--   in  $1 sku_no  $2 claim
UPDATE event_progress SET claim = NULL, claimed_until = NULL WHERE sku_no = $1 AND claim = $2
