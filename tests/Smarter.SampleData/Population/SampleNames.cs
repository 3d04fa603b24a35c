namespace Smarter.SampleData.Population;

/// <summary>
/// Plainly made-up names of people and places; some need care: apostrophes, hyphens, accents, other scripts.
/// </summary>
internal static class SampleNames
{
    public static readonly string[] First =
    [
        "Alma", "Bruno", "Carla", "Dario", "Edda", "Felix", "Greta", "Hugo", "Iris", "Jonas", "Kira", "Leo", "Mona",
        "Nico", "Olga", "Pablo", "Quinn", "Rosa", "Sami", "Tilda", "Udo", "Vera", "Wim", "Xenia", "Yara", "Zeno",
        "Ada-Marie", "Jean-Luc", "Car-la", "D'Andre", "Ka'imi", "Zoë", "José", "André", "Núria", "Søren", "Łucja",
        "Ñusta", "Đorđe", "İpek", "Ngọc", "明美", "志明", "Анна", "Олег", "Ελένη", "محمد", "שרה", "수진", "Bea",
        "Cleo", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "Lena", "Milo", "Nell", "Otto", "Pia",
    ];

    public static readonly string[] Last =
    [
        "Quill", "Reyes", "Stone", "Tanner", "Underhill", "Vega", "Whitlow", "Yarrow", "Zimmer", "Applegate",
        "Birchwood", "Calloway", "Dunmore", "Everly", "Fairbanks", "Greenwell", "Hartsong", "Inglewood", "Juniper",
        "Kettle", "Larkspur", "Merriweather", "Northcott", "Oakes", "Pennyfield", "Quimby", "Rookwood", "Summers",
        "O'Grady", "O'Malley", "D'Arcy", "Al-Hakim", "Smith-Ortiz", "Lund-Berg", "van der Meer", "de la Cruz",
        "St. James", "Quill, Jr.", "Núñez", "Gutiérrez", "Müller", "Åkesson", "Brontë", "Wójcik", "Šimić",
        "Yılmaz", "Nguyễn", "王", "佐藤", "Иванова", "Παπάς", "الحكيم", "כהן", "김", "Moss", "Ashby", "Bramble",
        "Copperfield", "Dove", "Elderberry", "Finch", "Gale", "Hollow", "Ivory",
    ];

    private static readonly string[] PlaceFirst =
    [
        "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Goldenrod", "Hazel", "Ironwood", "Juniper", "Kestrel",
        "Laurel", "Maple", "Nutmeg", "Olive", "Piñon", "Quail", "Rowan", "Sagebrush", "Tamarack", "Umber", "Violet",
        "Willow", "Yarrow", "Zinnia", "Amber", "Bluebell", "Clover", "Daisy", "Fern", "O'Neill's",
    ];

    private static readonly string[] PlaceSecond =
    [
        "Creek", "Valley", "Ridge", "Falls", "Meadow", "Harbor", "Hollow", "Point", "Springs", "Bend", "Ferry",
        "Grove", "Hills", "Lake", "Landing", "Mesa", "Pass", "Prairie", "River", "Rock", "Shore", "Cañada", "View",
        "Woods", "Crossing", "Bluff", "Canyon", "Island", "Plains",
    ];

    /// <summary>The place with this number; the first 899 differ, later ones carry a number.</summary>
    public static string Place(int number)
    {
        // 31 and 29 share no factor, so walking both lists together meets every pair once.
        var name = $"{PlaceFirst[number % PlaceFirst.Length]} {PlaceSecond[number % PlaceSecond.Length]}";
        var round = number / (PlaceFirst.Length * PlaceSecond.Length);
        return round == 0 ? name : $"{name} {round + 1}";
    }
}
