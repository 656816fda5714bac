-- What operators did with records in quarantine: at most one row for each record. The row of the record itself stays as it is, so
-- that every offset below the watermark remains accounted for.
--   retried  the request of the record was appended to the queue again, at (new_partition, new_offset)
--   dropped  the record will never be decided; why says the reason
CREATE TABLE quarantine_outcomes (
  topic         text NOT NULL,
  partition     integer NOT NULL,
  "offset"      bigint NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('retried', 'dropped')),
  new_partition integer,
  new_offset    bigint,
  why           text,
  done_by       text NOT NULL,
  done_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset"),
  FOREIGN KEY (topic, partition, "offset") REFERENCES quarantine,
  CONSTRAINT a_retried_record_has_a_new_place CHECK ((kind = 'retried') = (new_partition IS NOT NULL AND new_offset IS NOT NULL)),
  CONSTRAINT a_dropped_record_has_a_reason CHECK ((kind = 'dropped') = (why IS NOT NULL))
);
