-- Loads wait in the order in which they arrived, whatever the clock says, and each tenant in its turn;
-- what holds a load up stands beside it.
ALTER TABLE load_file
    ADD COLUMN arrival_number bigint GENERATED ALWAYS AS IDENTITY, -- the order of arrival; a clock may jump, this does not
    ADD COLUMN turn           bigint,       -- when staging began, as a number of the sequence load_turn; NULL before
    ADD COLUMN delayed_by     text,         -- what the load waits for, such as a full disk; NULL when nothing holds it up
    ADD COLUMN delayed_at     timestamptz;  -- when that was found last

CREATE SEQUENCE load_turn;
GRANT USAGE ON SEQUENCE load_turn TO smarter_loader;

CREATE INDEX load_file_turn_idx ON load_file (tenant, turn DESC NULLS LAST);
DROP INDEX load_file_unfinished_idx;
CREATE INDEX load_file_unfinished_idx ON load_file (arrival_number) WHERE stage <> 'ended';
