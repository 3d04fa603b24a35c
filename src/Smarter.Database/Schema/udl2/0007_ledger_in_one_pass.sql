-- The ledger reads err_list once, grouped, and no longer once per file.

CREATE OR REPLACE VIEW ledger_fault AS
SELECT file.guid_batch, file.tenant, file.file_name, fault.what
  FROM load_file file
  LEFT JOIN (
    SELECT guid_batch,
           count(*) FILTER (WHERE is_rejected) AS rejected,
           count(*) FILTER (WHERE is_superseded) AS superseded,
           bool_or(names_the_fault) AS names_the_fault
      FROM (
        SELECT ended.guid_batch,
               bool_or(err_code NOT BETWEEN 5120 AND 5139) AND src_file_rec_num IS NOT NULL AS is_rejected,
               bool_or(err_code = 5120) AND src_file_rec_num IS NOT NULL AS is_superseded,
               coalesce(bool_or(err_code = ended.fault_code), false) AS names_the_fault
          FROM load_file ended
          JOIN err_list ON err_list.guid_batch = ended.guid_batch::text
         WHERE ended.stage = 'ended'
         GROUP BY ended.guid_batch, src_file_rec_num) line
     GROUP BY guid_batch) found USING (guid_batch)
 CROSS JOIN LATERAL (
    SELECT coalesce(found.rejected, 0) AS rejected, coalesce(found.superseded, 0) AS superseded,
           coalesce(found.names_the_fault, false) AS names_the_fault) listed
 CROSS JOIN LATERAL (
    VALUES
        (CASE WHEN file.outcome = 'ingested'
               AND (file.rows_received = file.rows_loaded + file.rows_rejected + file.rows_superseded) IS NOT TRUE
              THEN format('received %s is not loaded %s + rejected %s + superseded %s', file.rows_received,
                          file.rows_loaded, file.rows_rejected, file.rows_superseded) END),
        (CASE WHEN file.outcome = 'ingested' AND listed.rejected IS DISTINCT FROM file.rows_rejected
              THEN format('%s rows are rejected, err_list names %s', file.rows_rejected, listed.rejected) END),
        (CASE WHEN file.outcome = 'ingested' AND listed.superseded IS DISTINCT FROM file.rows_superseded
              THEN format('%s rows are superseded, err_list names %s', file.rows_superseded, listed.superseded) END),
        (CASE WHEN file.outcome = 'failed' AND listed.rejected > file.rows_rejected
              THEN format('%s rows are rejected, err_list names %s', file.rows_rejected, listed.rejected) END),
        (CASE WHEN file.outcome = 'failed' AND NOT listed.names_the_fault
              THEN format('err_list does not name the fault %s', file.fault_code) END),
        (CASE WHEN file.outcome = 'duplicate' AND listed.rejected > 0
              THEN format('a duplicate has %s rejected rows', listed.rejected) END)) AS fault (what)
 WHERE file.stage = 'ended' AND fault.what IS NOT NULL;
