-- end-generation: notes that a generation of the request log has ended.
--   in   generation, topic, whether its records from the watermarks on are lost, the operator
INSERT INTO ended_generations (generation, topic, lost, ended_by) VALUES ($generation, $topic, $lost, $ended_by)
