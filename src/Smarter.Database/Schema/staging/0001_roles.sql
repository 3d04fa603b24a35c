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

-- Batch schemas belong to smarter_staging, so that the loader makes them and the migrator drops them.
GRANT smarter_staging TO smarter_loader, smarter_migrator;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO smarter_loader, smarter_migrator', current_database());
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO smarter_staging', current_database());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO smarter_staging', current_schema());
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA star TO smarter_staging;
