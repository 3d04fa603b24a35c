-- What a file brings, so that the later steps of its load know it without its JSON.
ALTER TABLE load_file ADD load_type text CHECK (load_type IN ('assessment', 'studentregistration')); -- NULL until the JSON was read
UPDATE load_file SET load_type = 'assessment' WHERE rows_received IS NOT NULL; -- until now the loader took nothing else
