-- The loader builds a batch as smarter_staging, and puts what it looks up in production into temporary tables.
DO $$
BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO smarter_staging', current_database());
END $$;
