namespace Smarter.Core.Messages;

/// <summary>Order to migrate every ingested batch of one tenant,
/// in the order of arrival (virtual host <c>edmigrate</c>).</summary>
public sealed record MigrateTenant(string Tenant);
