-- find-command: what a key of an administrator stood for, read under the lock of the SKU that its command is about.
--   in   $1 id of the command
--   out  one row with its hash, or none
SELECT command_hash FROM admin_commands WHERE command_id = $1
