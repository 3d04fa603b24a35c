namespace Smarter.SampleData.Landing;

/// <summary>The headers of the two landing CSVs in canonical order (loader.md §2.5 and §2.8).</summary>
public static class LandingHeaders
{
    /// <summary>91 names.</summary>
    public static readonly IReadOnlyList<string> Assessment =
    [
        "StateAbbreviation", "ResponsibleDistrictIdentifier", "OrganizationName", "ResponsibleSchoolIdentifier",
        "NameOfInstitution", "StudentIdentifier", "ExternalSSID", "FirstName", "MiddleName", "LastOrSurname",
        "Sex", "Birthdate", "GradeLevelWhenAssessed", "HispanicOrLatinoEthnicity",
        "AmericanIndianOrAlaskaNative", "Asian", "BlackOrAfricanAmerican",
        "NativeHawaiianOrOtherPacificIslander", "White", "DemographicRaceTwoOrMoreRaces", "IDEAIndicator",
        "LEPStatus", "Section504Status", "EconomicDisadvantageStatus", "MigrantStatus", "Group1Id",
        "Group1Text", "Group2Id", "Group2Text", "Group3Id", "Group3Text", "Group4Id", "Group4Text", "Group5Id",
        "Group5Text", "Group6Id", "Group6Text", "Group7Id", "Group7Text", "Group8Id", "Group8Text", "Group9Id",
        "Group9Text", "Group10Id", "Group10Text", "AssessmentGuid", "AssessmentSessionLocationId",
        "AssessmentSessionLocation", "AssessmentAdministrationFinishDate", "AssessmentYear", "AssessmentType",
        "AssessmentAcademicSubject", "AssessmentLevelForWhichDesigned", "AssessmentSubtestResultScoreValue",
        "AssessmentSubtestMinimumValue", "AssessmentSubtestMaximumValue",
        "AssessmentPerformanceLevelIdentifier", "AssessmentSubtestResultScoreClaim1Value",
        "AssessmentSubtestClaim1MinimumValue", "AssessmentSubtestClaim1MaximumValue",
        "AssessmentClaim1PerformanceLevelIdentifier", "AssessmentSubtestResultScoreClaim2Value",
        "AssessmentSubtestClaim2MinimumValue", "AssessmentSubtestClaim2MaximumValue",
        "AssessmentClaim2PerformanceLevelIdentifier", "AssessmentSubtestResultScoreClaim3Value",
        "AssessmentSubtestClaim3MinimumValue", "AssessmentSubtestClaim3MaximumValue",
        "AssessmentClaim3PerformanceLevelIdentifier", "AssessmentSubtestResultScoreClaim4Value",
        "AssessmentSubtestClaim4MinimumValue", "AssessmentSubtestClaim4MaximumValue",
        "AssessmentClaim4PerformanceLevelIdentifier", "AccommodationAmericanSignLanguage",
        "AccommodationBraille", "AccommodationClosedCaptioning", "AccommodationTextToSpeech",
        "AccommodationAbacus", "AccommodationAlternateResponseOptions", "AccommodationCalculator",
        "AccommodationMultiplicationTable", "AccommodationPrintOnDemand", "AccommodationPrintOnDemandItems",
        "AccommodationReadAloud", "AccommodationScribe", "AccommodationSpeechToText",
        "AccommodationStreamlineMode", "AccommodationNoiseBuffer", "AdministrationCondition", "CompleteStatus",
        "Op",
    ];

    /// <summary>33 names.</summary>
    public static readonly IReadOnlyList<string> Registration =
    [
        "StateName", "StateAbbreviation", "ResponsibleDistrictIdentifier", "OrganizationName",
        "ResponsibleSchoolIdentifier", "NameOfInstitution", "StudentIdentifier", "ExternalSSID", "FirstName",
        "MiddleName", "LastOrSurname", "Sex", "Birthdate", "GradeLevelWhenAssessed",
        "HispanicOrLatinoEthnicity", "AmericanIndianOrAlaskaNative", "Asian", "BlackOrAfricanAmerican",
        "NativeHawaiianOrOtherPacificIslander", "White", "IDEAIndicator", "LEPStatus", "Section504Status",
        "EconomicDisadvantageStatus", "MigrantStatus", "DemographicRaceTwoOrMoreRaces", "LanguageCode",
        "EnglishLanguageProficiencLevel", "FirstEntryDateIntoUSSchool", "LimitedEnglishProficiencyEntryDate",
        "LEPExitDate", "TitleIIILanguageInstructionProgramType", "PrimaryDisabilityType",
    ];
}
