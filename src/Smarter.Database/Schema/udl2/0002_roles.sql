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
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO smarter_loader', current_database());
END $$;
GRANT USAGE ON SCHEMA udl2 TO smarter_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON udl_batch, err_list, load_file TO smarter_loader;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA udl2 TO smarter_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA udl2 GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO smarter_loader;
