-- A number for every ContactId.
SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS contact, contact_id FROM (SELECT DISTINCT contact_id FROM _agent_list_entry) AS contacts
