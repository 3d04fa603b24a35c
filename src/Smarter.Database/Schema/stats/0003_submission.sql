-- Each file that a state sent, or that a data administrator had checked, with its progress and in the end its receipt:
-- what the site shows of a load without seeing the loader's own database (decisions.md §2.12).
CREATE TABLE submission (
    submission_id    uuid PRIMARY KEY,      -- the batch guid of a delivered file
    tenant           text NOT NULL,
    submitter        text NOT NULL,         -- folder below the tenant's in arrivals; of a check, the uid of who asked
    file_name        text NOT NULL,
    is_check         boolean NOT NULL DEFAULT false, -- checked only: nothing of it is ever loaded
    size_bytes       bigint NOT NULL,
    arrived_at       timestamptz NOT NULL,
    stage            text NOT NULL CHECK (stage IN ('waiting', 'reading', 'building', 'finishing', 'ended')),
    percent          smallint NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100), -- of the load's own work
    rows_read        bigint NOT NULL DEFAULT 0,
    rows_per_second  bigint,                -- NULL until there is a rate
    seconds_left     bigint,                -- NULL when nobody can say
    delayed_by       text,                  -- what the load waits for, such as a full disk; NULL when nothing holds it up
    updated_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    outcome          text CHECK (outcome IN ('ingested', 'failed', 'duplicate', 'accepted')), -- accepted: a check found no fault of the file
    receipt          jsonb                  -- NULL until it has ended
);
CREATE INDEX submission_tenant_idx ON submission (tenant, arrived_at DESC);
CREATE INDEX submission_check_idx ON submission (arrived_at) WHERE is_check AND stage <> 'ended';

GRANT SELECT, INSERT, UPDATE ON submission TO smarter_loader;
GRANT SELECT, INSERT ON submission TO smarter_web; -- inserts the checks that people ask for
