-- Lists whose hash is that of another list, too (hardly ever any): they get numbers of their own, below 0.
SELECT -ROW_NUMBER() OVER () AS list, contacts
FROM _agent_list
WHERE hashed IN (SELECT hashed FROM _agent_list GROUP BY hashed HAVING COUNT(*) > 1)
