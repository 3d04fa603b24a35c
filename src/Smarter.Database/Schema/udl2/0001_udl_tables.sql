-- Loader Database: one for all tenants (loader.md §1.4).

-- One row per executed stage: the audit trail (loader.md §1.4).
CREATE TABLE udl_batch (
    batch_sid                    bigserial NOT NULL,
    guid_batch                   varchar(256) NOT NULL,
    tenant                       varchar(256) NOT NULL DEFAULT '',
    input_file                   text NOT NULL DEFAULT '',
    load_type                    varchar(50),
    working_schema               varchar(50),
    udl_phase                    varchar(256),
    udl_phase_step               varchar(50),
    udl_phase_step_status        varchar(50),
    error_desc                   text,
    stack_trace                  text,
    udl_leaf                     boolean,
    size_records                 bigint,
    size_units                   bigint,
    start_timestamp              timestamp DEFAULT now(),
    end_timestamp                timestamp DEFAULT now(),
    duration                     interval,
    time_for_one_million_records time,
    records_per_hour             bigint,
    task_id                      varchar(256),
    task_status_url              varchar(256),
    user_sid                     bigint,
    user_email                   varchar(256),
    created_date                 timestamp DEFAULT now(),
    mod_date                     timestamp NOT NULL DEFAULT now(),
    CONSTRAINT udl_batch_pkey PRIMARY KEY (batch_sid)
);

CREATE INDEX udl_batch_guid_batch_idx ON udl_batch (guid_batch);

-- What is wrong with a file or a row (loader.md §1.4; decisions.md §2.4: own key, and input_file, row and column).
CREATE TABLE err_list (
    err_list_sid     bigserial PRIMARY KEY,
    record_sid       bigint,                -- the record of a failed delete; NULL for a rejected row, which never got one
    guid_batch       varchar(256) NOT NULL,
    err_code         bigint NOT NULL,       -- docs/error-codes.md
    err_source       bigint,                -- 1 and 2 of loader.md §3.4 for failed deletes, else NULL
    err_code_text    text NOT NULL,         -- no student data
    err_source_text  text,
    created_date     timestamp NOT NULL DEFAULT now(),
    err_input        text NOT NULL DEFAULT '',
    input_file       text NOT NULL DEFAULT '',
    src_file_rec_num bigint,                -- 1-based data row; NULL when the code concerns the whole file
    column_name      text                   -- CSV header or JSON path; NULL when the code concerns the whole row or file
);
CREATE INDEX err_list_guid_batch_idx ON err_list (guid_batch, src_file_rec_num);

-- Each file that reached a tenant's arrivals folder, and how far its load has come: what a restarted loader reads.
CREATE TABLE load_file (
    guid_batch    uuid PRIMARY KEY,
    tenant        text NOT NULL,
    submitter     text NOT NULL,            -- the folder below the tenant's; '' when the file lay in the tenant's folder itself
    file_name     text NOT NULL,            -- as delivered
    source_path   text NOT NULL,            -- where it was found, absolute
    work_folder   text NOT NULL,            -- name of its folder below work/<tenant> and history/<tenant>
    md5           char(32) NOT NULL,
    size_bytes    bigint NOT NULL,
    arrived_at    timestamptz NOT NULL,
    stage         text NOT NULL CHECK (stage IN ('arriving', 'arrived', 'staged', 'finishing', 'ended')),
    outcome       text CHECK (outcome IN ('ingested', 'failed', 'duplicate')),
    fault_code    int,                      -- why it failed: docs/error-codes.md
    fault_text    text,                     -- no student data
    duplicate_of  uuid REFERENCES load_file,
    rows_received bigint,
    rows_loaded   bigint,
    rows_rejected bigint,
    rows_superseded bigint,                 -- replaced by a later row of the same file
    attempts      int NOT NULL DEFAULT 0,   -- how often it failed for a reason that nobody foresaw
    ended_at      timestamptz
);
CREATE INDEX load_file_unfinished_idx ON load_file (arrived_at) WHERE stage <> 'ended';
CREATE INDEX load_file_md5_idx ON load_file (tenant, md5);
-- One live claim per path: two watchers that see one file load it once.
CREATE UNIQUE INDEX load_file_source_path_key ON load_file (source_path) WHERE stage = 'arriving';

-- Reserves `how_many` consecutive record ids of a tenant and returns the first (loader.md §5.1).
CREATE FUNCTION reserve_record_sids(tenant text, how_many bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sequence_name regclass := format('udl2.%I', 'global_rec_seq_' || tenant)::regclass;
    first_sid bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('udl2.global_rec_seq_' || tenant));
    first_sid := nextval(sequence_name);
    PERFORM setval(sequence_name, first_sid + how_many - 1);
    RETURN first_sid;
END $$;
