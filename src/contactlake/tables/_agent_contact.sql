-- A number for every ContactId.
SELECT ROW_NUMBER() OVER () AS contact, contact_id FROM (SELECT DISTINCT contact_id FROM _agent_list_entry) AS contacts
