namespace Smarter.Loader.Unpacking;

/// <summary>The loader's own key cannot be used; the file is not to blame.</summary>
/// <param name="cause">What to mend, in words that the submitter may read.</param>
internal sealed class KeyNotUsableException(string cause) : Exception(cause);
