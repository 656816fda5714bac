-- notice-generation: the generation in which notices are sent now.
SELECT generation FROM notices.sending
