-- analytics-begin-generation: begins the generation after the present one, which is 1 where none was begun.
--   in   group_name, generation (the one to begin)
--   out  one row; none when another call has begun it
INSERT INTO analytics.generations AS known (group_name, generation)
SELECT $group_name::text, $generation::integer
 WHERE $generation = 2 OR EXISTS (SELECT FROM analytics.generations WHERE group_name = $group_name)
ON CONFLICT (group_name) DO UPDATE SET generation = excluded.generation WHERE known.generation = excluded.generation - 1
RETURNING generation
