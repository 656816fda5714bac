-- lock_partition: takes the first lock of the writer and checks the watermark under it.
--   in      topic, partition, the watermark that the writer expects
--   raises  FS001 when the partition has no watermark, or its generation of the log has ended; FS002 when the watermark is
--           another one (DETAIL holds it); FS005 when a SKU of the partition is frozen. So no statement that is pipelined behind
--           this one can commit.
--   locks   the row of partition_progress. A command that freezes a SKU takes the same lock (lock-sku-partition.sql): no batch of
--           the writer is under way then.
CREATE OR REPLACE FUNCTION lock_partition(p_topic text, p_partition integer, p_expected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
  v_ended boolean;
BEGIN
  SELECT next_offset, ended INTO v_next, v_ended FROM partition_progress WHERE topic = p_topic AND partition = p_partition FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no watermark for %-%', p_topic, p_partition USING ERRCODE = 'FS001';
  ELSIF v_ended THEN
    RAISE EXCEPTION 'the generation of %-% has ended', p_topic, p_partition USING ERRCODE = 'FS001';
  ELSIF v_next <> p_expected THEN
    RAISE EXCEPTION 'watermark of %-% is %, expected %', p_topic, p_partition, v_next, p_expected
      USING ERRCODE = 'FS002', DETAIL = v_next::text;
  END IF;
  -- A statement of its own, with a snapshot from after the lock.
  PERFORM FROM inventory WHERE partition = p_partition AND frozen LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'partition %-% is frozen', p_topic, p_partition USING ERRCODE = 'FS005';
  END IF;
END $$;
