-- The limits of admission that the stage has now: tight if an operator or the sweeper tightened them.
CASE WHEN EXISTS (SELECT FROM operator_settings o WHERE o.name IN ('limits', 'limits-by-itself') AND o.value = 'tight')
            THEN 'tight' ELSE 'normal' END AS limits
