-- notice-delete-old: deletes notices that changed longer ago than `days`, at most `limit` of them.
--   in   days, limit
DELETE FROM notices.notices
 WHERE (event_id, generation) IN (
   SELECT event_id, generation FROM notices.notices
    WHERE changed_at < clock_timestamp() - make_interval(days => $days)
    LIMIT $limit)
