using Smarter.Loader.Checking;

namespace Smarter.Loader.Registration;

/// <summary>The 33 columns of the student registration CSV in canonical order (loader.md §2.8),
/// and <c>ConfirmationCode</c>, which older files carry and none needs (decisions.md §2.2).</summary>
internal static class RegistrationLayout
{
    public static readonly CsvLayout Csv = new(
        "student registration",
        [
            new("StateName", FieldRule.Text, "state_name", 50, Required: true),
            new("StateAbbreviation", FieldRule.StateCode, "state_code", 2, Required: true),
            new("ResponsibleDistrictIdentifier", FieldRule.Text, "district_id", 40, Required: true),
            new("OrganizationName", FieldRule.Text, "district_name", 60, Required: true),
            new("ResponsibleSchoolIdentifier", FieldRule.Text, "school_id", 40, Required: true),
            new("NameOfInstitution", FieldRule.Text, "school_name", 60, Required: true),
            new("StudentIdentifier", FieldRule.Text, "student_id", 40, Required: true),
            new("ExternalSSID", FieldRule.Text, "external_student_ssid", 40, Required: true),
            new("FirstName", FieldRule.Text, "first_name", 35),
            new("MiddleName", FieldRule.Text, "middle_name", 35),
            new("LastOrSurname", FieldRule.Text, "last_name", 35),
            new("Sex", FieldRule.MaleOrFemale, "sex", Required: true),
            new("Birthdate", FieldRule.BirthDate, "birthdate"),
            new("GradeLevelWhenAssessed", FieldRule.Grade, "enrl_grade", Required: true),
            new("HispanicOrLatinoEthnicity", FieldRule.YesNo, "dmg_eth_hsp", Required: true),
            new("AmericanIndianOrAlaskaNative", FieldRule.YesNo, "dmg_eth_ami", Required: true),
            new("Asian", FieldRule.YesNo, "dmg_eth_asn", Required: true),
            new("BlackOrAfricanAmerican", FieldRule.YesNo, "dmg_eth_blk", Required: true),
            new("NativeHawaiianOrOtherPacificIslander", FieldRule.YesNo, "dmg_eth_pcf", Required: true),
            new("White", FieldRule.YesNo, "dmg_eth_wht", Required: true),
            new("IDEAIndicator", FieldRule.YesNo, "dmg_prg_iep", Required: true),
            new("LEPStatus", FieldRule.YesNo, "dmg_prg_lep", Required: true),
            new("Section504Status", FieldRule.YesNo, "dmg_prg_504"),
            new("EconomicDisadvantageStatus", FieldRule.YesNo, "dmg_sts_ecd", Required: true),
            new("MigrantStatus", FieldRule.YesNo, "dmg_sts_mig"),
            new("DemographicRaceTwoOrMoreRaces", FieldRule.YesNo, "dmg_multi_race", Required: true),
            new("LanguageCode", FieldRule.Text, "language_code", 3),
            new("EnglishLanguageProficiencLevel", FieldRule.Text, "eng_prof_lvl", 20), // so spelled by the format
            new("FirstEntryDateIntoUSSchool", FieldRule.Date, "us_school_entry_date"),
            new("LimitedEnglishProficiencyEntryDate", FieldRule.Date, "lep_entry_date"),
            new("LEPExitDate", FieldRule.Date, "lep_exit_date"),
            new("TitleIIILanguageInstructionProgramType", FieldRule.Text, "t3_program_type", 27),
            new("PrimaryDisabilityType", FieldRule.Text, "prim_disability_type", 3),
            new("ConfirmationCode", FieldRule.Text, "confirm_code", 50),
        ],
        "ConfirmationCode");
}
