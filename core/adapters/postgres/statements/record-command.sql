-- record-command: records a command of an administrator, in the transaction that does it.
--   in      the id of the command, the hash of what it asks for
--   raises  23505 when the key was used for another SKU meanwhile: the transaction rolls back, and the next try finds it
INSERT INTO admin_commands (command_id, command_hash) VALUES ($command_id, $command_hash)
