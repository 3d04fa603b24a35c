-- A snapshot of student registration replaces many rows at once: its planner statistics are refreshed like a star table's.
CREATE OR REPLACE FUNCTION analyze_star_table(star_table text) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF star_table NOT IN ('dim_asmt', 'dim_inst_hier', 'dim_student',
                          'fact_asmt_outcome', 'fact_asmt_outcome_vw', 'fact_block_asmt_outcome', 'student_reg') THEN
        RAISE EXCEPTION 'not a star table: %', star_table;
    END IF;
    EXECUTE format('ANALYZE %I', star_table);
END $$;
