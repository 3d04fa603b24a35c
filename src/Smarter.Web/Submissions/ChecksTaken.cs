namespace Smarter.Web.Submissions;

/// <summary>The uploads that this process is taking, counted by person: a check counts from its first byte on, and not
/// only when its row is written.</summary>
internal sealed class ChecksTaken
{
    private readonly Dictionary<string, int> uploads = new(StringComparer.Ordinal);

    /// <returns>A place to be given back by disposing it; null when the person has <paramref name="most"/>
    /// uploads here.</returns>
    public IDisposable? TryTake(string uid, int most)
    {
        lock (uploads)
        {
            var held = uploads.GetValueOrDefault(uid);
            if (held >= most)
                return null;
            uploads[uid] = held + 1;
            return new Place(this, uid);
        }
    }

    private void GiveBack(string uid)
    {
        lock (uploads)
            if (--uploads[uid] == 0)
                uploads.Remove(uid);
    }

    private sealed class Place(ChecksTaken taken, string uid) : IDisposable
    {
        public void Dispose() => taken.GiveBack(uid);
    }
}
