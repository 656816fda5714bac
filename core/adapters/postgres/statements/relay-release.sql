-- relay-release: ends a turn before its lease ends; changes nothing once another relay has the turn.
--   in   sku_no, claim
UPDATE event_progress SET claim = NULL, claimed_until = NULL WHERE sku_no = $sku_no AND claim = $claim
