using System.Runtime.CompilerServices;

namespace Smarter.SampleData.Population;

/// <summary>
/// A stream of reproducible random draws. Everything about one made-up person or row comes from the stream
/// <c>For(seed, stream, index)</c>, so nothing has to be remembered and files can be written in any order.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014): statistically good enough for test data, never for secrets.</remarks>
internal struct SeededDraw
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong state;

    /// <param name="seed">The seed of the whole data set.</param>
    /// <param name="stream">What the draws are for; two streams of one index are independent.</param>
    /// <param name="index">The student, school, district or row.</param>
    public static SeededDraw For(int seed, int stream, long index) => new()
    {
        state = Mix(Mix(Mix((ulong)seed + Step) + (ulong)stream) + (ulong)index),
    };

    /// <returns>A whole number from 0 to <paramref name="count"/> - 1.</returns>
    public int Below(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <returns>A number of at least 0 and less than 1.</returns>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <param name="probability">0 to 1.</param>
    public bool Chance(double probability) => Unit() < probability;

    /// <returns>A draw of nearly normal shape with mean 0 and deviation 1, never beyond 3.5.</returns>
    public double Normal()
    {
        var bits = Next();
        var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum / 65536.0 - 2) * 1.7320508;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Next() => Mix(state += Step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
