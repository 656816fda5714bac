-- notice-next-generation: begins the next generation. Events that are delivered from now on have no notice in it.
--   out  one row: the generation that begins
UPDATE notices.sending SET generation = generation + 1 RETURNING generation
