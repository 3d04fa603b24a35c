namespace Smarter.Migrator.Notifying;

/// <summary>A callback address that may not be called; the message says why and holds no more of it than the
/// host.</summary>
internal sealed class CallbackRefusedException(string reason) : Exception(reason);
