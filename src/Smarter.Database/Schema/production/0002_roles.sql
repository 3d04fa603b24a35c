-- The roles that the programs connect as. Each is given exactly what its program needs; passwords are the operator's.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['smarter_loader', 'smarter_migrator', 'smarter_web', 'smarter_extract', 'smarter_staging'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the whole server
        END;
        -- The server's log names the error and not the DETAIL, which repeats keys and values of students.
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = terse', name);
    END LOOP;
END $$;

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO smarter_loader, smarter_migrator, smarter_web, smarter_extract',
                   current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO smarter_loader, smarter_migrator', current_database());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO smarter_loader, smarter_migrator, smarter_web, smarter_extract',
                   current_schema());
END $$;

GRANT SELECT ON dim_asmt, dim_inst_hier, dim_student,
                fact_asmt_outcome, fact_asmt_outcome_vw, fact_block_asmt_outcome TO smarter_loader;
GRANT SELECT, INSERT, UPDATE ON dim_asmt, dim_inst_hier, dim_student,
                fact_asmt_outcome, fact_asmt_outcome_vw, fact_block_asmt_outcome TO smarter_migrator;
GRANT SELECT, INSERT, DELETE ON student_reg TO smarter_migrator;
GRANT SELECT ON dim_asmt, dim_inst_hier, dim_student, fact_asmt_outcome, fact_asmt_outcome_vw,
                fact_block_asmt_outcome, student_reg, custom_metadata TO smarter_web, smarter_extract;
