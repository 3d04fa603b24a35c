-- The batches that stand in production, each written in the transaction that brought its rows: what tells a repeated migration
-- that only its bookkeeping is left.
CREATE TABLE migrated_batch (
    batch_guid      varchar(36) COLLATE "C" NOT NULL,
    load_type       varchar(32) COLLATE "C" NOT NULL,
    migrated_at     timestamptz NOT NULL,
    rows_inserted   bigint NOT NULL,        -- over all tables, as are the next two
    rows_deleted    bigint NOT NULL,        -- status C to D
    rows_superseded bigint NOT NULL,        -- status C to I
    checksum        numeric NOT NULL,       -- sum over the inserted rows; equal in staging and production when it was written
    CONSTRAINT migrated_batch_pkey PRIMARY KEY (batch_guid)
);
GRANT SELECT, INSERT ON migrated_batch TO smarter_migrator;
GRANT SELECT ON migrated_batch TO smarter_web;

-- Refreshes the planner's statistics of one star table. PostgreSQL lets only the owner do so; the migrator may through this.
CREATE FUNCTION analyze_star_table(star_table text) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF star_table NOT IN ('dim_asmt', 'dim_inst_hier', 'dim_student',
                          'fact_asmt_outcome', 'fact_asmt_outcome_vw', 'fact_block_asmt_outcome') THEN
        RAISE EXCEPTION 'not a star table: %', star_table;
    END IF;
    EXECUTE format('ANALYZE %I', star_table);
END $$;
REVOKE ALL ON FUNCTION analyze_star_table(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyze_star_table(text) TO smarter_migrator;
