-- find-command: what the idempotency key of an administrator was used for, read under the lock of the SKU that the command
-- concerns.
--   in   command_id
--   out  one row with the hash of the command, or none
SELECT command_hash FROM admin_commands WHERE command_id = $command_id
