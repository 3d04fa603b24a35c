-- The ledger: of every file, received = loaded + rejected + superseded in file (docs/adr/0017).

-- Until now an operator called a loaded batch 'failed' to let the same bytes load again: that is a column of its own now.
ALTER TABLE load_file ADD COLUMN may_repeat boolean NOT NULL DEFAULT false;
UPDATE load_file SET outcome = 'ingested', may_repeat = true
 WHERE outcome = 'failed' AND fault_code IS NULL AND rows_loaded > 0;

-- A file that is rejected as a whole rejects each of its rows.
UPDATE load_file SET rows_loaded = 0, rows_rejected = rows_received,
                     rows_superseded = CASE WHEN rows_received IS NOT NULL THEN 0 END
 WHERE outcome = 'failed';

ALTER TABLE load_file
    ADD CONSTRAINT load_file_ended CHECK ((stage = 'ended') = (ended_at IS NOT NULL)),
    ADD CONSTRAINT load_file_outcome CHECK (outcome IS NOT NULL OR stage NOT IN ('finishing', 'ended')),
    ADD CONSTRAINT load_file_ledger CHECK ((CASE
        -- the counts of a duplicate are those of the batch that it repeats
        WHEN outcome = 'duplicate' THEN
            duplicate_of IS NOT NULL
            AND num_nonnulls(rows_received, rows_loaded, rows_rejected, rows_superseded) = 0
        -- NULL when the fault was met before the last row was counted
        WHEN outcome = 'failed' THEN
            fault_code IS NOT NULL AND rows_loaded = 0
            AND (num_nonnulls(rows_received, rows_rejected, rows_superseded) = 0
                 OR (rows_rejected = rows_received AND rows_superseded = 0 AND rows_received >= 0))
        WHEN outcome = 'ingested' OR stage = 'staged' THEN
            rows_received = rows_loaded + rows_rejected + rows_superseded
            AND least(rows_loaded, rows_rejected, rows_superseded) >= 0
        ELSE true
    END) IS TRUE);

-- Every ended file whose counts and err_list do not tell the same story; empty when all is well. Codes 5120 to 5139 are
-- notes, which reject nothing; of these 5120 marks a superseded row (Smarter.Core.CodeTable).
CREATE VIEW ledger_fault AS
SELECT file.guid_batch, file.tenant, file.file_name, fault.what
  FROM load_file file
 CROSS JOIN LATERAL (
    SELECT count(DISTINCT src_file_rec_num) FILTER (WHERE err_code NOT BETWEEN 5120 AND 5139) AS rejected,
           count(DISTINCT src_file_rec_num) FILTER (WHERE err_code = 5120) AS superseded,
           coalesce(bool_or(err_code = file.fault_code), false) AS names_the_fault
      FROM err_list
     WHERE err_list.guid_batch = file.guid_batch::text) listed
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

GRANT SELECT ON ledger_fault TO smarter_loader;
