-- leave-waitlist: removes entries from the waitlist.
--   in      ids
--   raises  FS004 when one of them is not on the waitlist
SELECT leave_waitlist($ids::uuid[])
