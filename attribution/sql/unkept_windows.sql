-- Windows of some hours whose pieces are not kept at their newest version. Published versions stay as they are, so a piece
-- is what it was while no version has come.
SELECT cluster_id, hour, max(version) AS version
  FROM ledger_version WHERE hour >= %(start)s AND hour < %(end)s
 GROUP BY 1, 2
EXCEPT
SELECT cluster_id, hour, version FROM kept_piece WHERE hour >= %(start)s AND hour < %(end)s AND section = ''
