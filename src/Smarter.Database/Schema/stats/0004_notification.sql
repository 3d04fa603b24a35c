-- When a batch's submitter is told next, and how often it was tried (loader.md §6). The result stays in
-- notification_status, in the form that its older readers know.
ALTER TABLE udl_stats
    ADD COLUMN notification_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN notification_due      timestamptz; -- NULL: not tried yet, or settled

-- Small however many batches there were: the ended ones whose submitters are still to be told.
CREATE INDEX udl_stats_notification_idx ON udl_stats (file_arrived, rec_id)
 WHERE load_status IN ('udl.failed', 'migrate.failed', 'migrate.ingested')
   AND (notification_status IS NULL OR notification_status = '' OR notification_due IS NOT NULL);
