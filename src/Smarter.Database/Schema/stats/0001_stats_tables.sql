-- One row per batch: the contract between loader, migrator, cache warmer and notifier (loader.md §1.3).
CREATE TABLE udl_stats (
    rec_id                  bigserial NOT NULL,
    tenant                  varchar(32) NOT NULL,
    load_type               varchar(32) NOT NULL,
    file_arrived            timestamp NOT NULL,
    load_start              timestamp,
    load_end                timestamp,
    load_status             varchar(32) NOT NULL,
    batch_guid              varchar(50) NOT NULL,
    record_loaded_count     bigint,
    last_pdf_task_requested timestamp,
    last_pre_cached         timestamp,
    batch_operation         varchar(1),
    snapshot_criteria       text,
    notification            text,
    notification_status     text,
    CONSTRAINT udl_stats_pkey PRIMARY KEY (rec_id)
);

-- Progress of extract requests.
CREATE TABLE extract_stats (
    request_guid   varchar(50) NOT NULL,
    timestamp      timestamp,
    status         varchar(32) NOT NULL,
    task_id        varchar(50),
    celery_task_id varchar(50),
    info           text
);

CREATE INDEX udl_stats_load_status_type_idx ON udl_stats (load_status, load_type);
CREATE UNIQUE INDEX udl_stats_batch_guid_key ON udl_stats (batch_guid);
