using Microsoft.Extensions.Options;

namespace Smarter.Migrator.Conductor;

/// <summary>Which tenants this process has ordered or is migrating, so that the poll does not order them
/// again.</summary>
internal sealed class TenantsUnderWay(IOptions<ConductorOptions> options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> running = [];
    private readonly Dictionary<string, DateTimeOffset> restsUntil = [];

    /// <returns>True when an order is due; it then counts as sent.</returns>
    public bool TryOrder(string tenant)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (running.Contains(tenant) || (restsUntil.TryGetValue(tenant, out var until) && now < until))
                return false;
            restsUntil[tenant] = now + options.Value.ResendAfter;
            return true;
        }
    }

    /// <returns>False when the tenant is being migrated in this process already.</returns>
    public bool TryBegin(string tenant)
    {
        lock (gate)
            return running.Add(tenant);
    }

    /// <param name="complete">Whether every waiting batch was tried: a new one may then be ordered at once. Else the
    /// tenant rests for <see cref="ConductorOptions.ResendAfter"/>.</param>
    public void End(string tenant, bool complete)
    {
        lock (gate)
        {
            running.Remove(tenant);
            if (complete)
                restsUntil.Remove(tenant);
            else
                restsUntil[tenant] = time.GetUtcNow() + options.Value.ResendAfter;
        }
    }
}
