-- note-command: remembers a command of an administrator, in the transaction that carries it out.
--   in   $1 id of the command  $2 hash of what it asks for
--   Raises 23505 when the key was used for another SKU meanwhile: the transaction rolls back, and the next try finds it.
INSERT INTO admin_commands (command_id, command_hash) VALUES ($1, $2)
