-- Production: what the star tables of schema star need beside their primary keys (loader.md §1.2).
CREATE SEQUENCE global_rec_seq;

-- Per-state branding and report settings; not written by the loader.
CREATE TABLE custom_metadata (
    state_code           varchar(2) COLLATE "C" NOT NULL,
    asmt_custom_metadata text
);
CREATE UNIQUE INDEX custom_metadata_id_idx ON custom_metadata (state_code);

-- One current row per natural key: the rule of operations.md §1.7, held by the database.
CREATE UNIQUE INDEX dim_inst_hier_codex ON dim_inst_hier (state_code, district_id, school_id) WHERE rec_status = 'C';
CREATE UNIQUE INDEX dim_student_id_idx ON dim_student (student_id) WHERE rec_status = 'C';
CREATE UNIQUE INDEX dim_asmt_guid_idx ON dim_asmt (asmt_guid) WHERE rec_status = 'C';
CREATE UNIQUE INDEX fact_asmt_outcome_vw_student_idx
    ON fact_asmt_outcome_vw (student_id, asmt_guid, date_taken) WHERE rec_status = 'C';
CREATE UNIQUE INDEX fact_asmt_outcome_student_idx
    ON fact_asmt_outcome (student_id, asmt_guid, date_taken) WHERE rec_status = 'C';
CREATE UNIQUE INDEX fact_block_asmt_outcome_student_idx
    ON fact_block_asmt_outcome (student_id, asmt_guid, date_taken) WHERE rec_status = 'C';

-- The way of the reports into the facts: a year of a type, narrowed to a district and a school.
CREATE INDEX fact_asmt_outcome_vw_report_idx
    ON fact_asmt_outcome_vw (asmt_year, asmt_type, district_id, school_id) WHERE rec_status = 'C';
CREATE INDEX fact_block_asmt_outcome_report_idx
    ON fact_block_asmt_outcome (asmt_year, asmt_type, district_id, school_id) WHERE rec_status = 'C';
CREATE INDEX student_reg_year_system_idx ON student_reg (academic_year, reg_system_id);
CREATE INDEX student_reg_guid_idx ON student_reg (student_id);
