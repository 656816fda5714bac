-- read-frozen-partitions: the partitions in which a sale is frozen, so that the writer decides nothing in them.
SELECT DISTINCT partition FROM inventory WHERE frozen
