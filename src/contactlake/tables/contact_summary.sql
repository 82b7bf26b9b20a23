-- The written summary of every contact, of the analysis that counts.
SELECT k.instance_id, k.contact_id, a.contact_summary AS summary, a.channel, a.language_code, a.redacted, a.analysed_at
FROM contact_analysis_chosen AS k
JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
WHERE a.contact_summary IS NOT NULL
