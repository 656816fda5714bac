-- leave-waitlist: takes entries off the line; raises FS004 if one is not in it.
--   in  $1 ids
SELECT leave_waitlist($1::uuid[])
