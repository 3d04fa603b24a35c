using System.Net;
using System.Net.Sockets;

namespace Smarter.Migrator.Notifying;

/// <summary>Tells addresses of the open Internet from those of this machine, its networks and its cloud.</summary>
/// <remarks>After IANA's registries of special-purpose addresses.</remarks>
internal static class PublicAddress
{
    private static readonly IPNetwork[] special4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),       // this host; 0.0.0.0 reaches it
        IPNetwork.Parse("10.0.0.0/8"),      // private
        IPNetwork.Parse("100.64.0.0/10"),   // shared by a carrier's customers
        IPNetwork.Parse("127.0.0.0/8"),     // loopback
        IPNetwork.Parse("169.254.0.0/16"),  // link-local, and the metadata of clouds
        IPNetwork.Parse("172.16.0.0/12"),   // private
        IPNetwork.Parse("192.0.0.0/24"),    // protocols
        IPNetwork.Parse("192.0.2.0/24"),    // documentation
        IPNetwork.Parse("192.88.99.0/24"),  // relays to IPv6
        IPNetwork.Parse("192.168.0.0/16"),  // private
        IPNetwork.Parse("198.18.0.0/15"),   // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"),  // documentation
        IPNetwork.Parse("224.0.0.0/3"),     // multicast, reserved, broadcast
    ];

    /// <remarks>Loopback, unspecified, unique-local, link-local, site-local, multicast and IPv4-compatible addresses
    /// lie outside it.</remarks>
    private static readonly IPNetwork global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] special6 =
    [
        IPNetwork.Parse("2001::/23"),     // protocols; Teredo, which holds an IPv4 address
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"),     // 6to4, which holds an IPv4 address
        IPNetwork.Parse("3fff::/20"),     // documentation
    ];

    private static readonly IPNetwork nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <returns>False also for an IPv4 address in IPv6's clothes (mapped or NAT64) that is not public itself.</returns>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return Is(address.MapToIPv4());
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return !special4.Any(network => network.Contains(address));
        if (nat64.Contains(address))
            return Is(new IPAddress(address.GetAddressBytes()[12..]));
        return global6.Contains(address) && !special6.Any(network => network.Contains(address));
    }
}
