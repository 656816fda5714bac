-- read-database-size: the size of the database, and how many connections the server takes
SELECT current_setting('max_connections')::integer AS max_connections, pg_database_size(current_database())::float8 AS database_bytes
