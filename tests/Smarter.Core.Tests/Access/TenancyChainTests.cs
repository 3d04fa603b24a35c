using Smarter.Core.Access;

namespace Smarter.Core.Tests.Access;

public sealed class TenancyChainTests
{
    [Fact]
    public void The_five_used_fields_are_found_by_their_place()
    {
        var chain = TenancyChain.Parse(
            "|id|PII|SCHOOL|c1|Client|g|Group|NC|NC|gd|Districts|228|Sunset|gi|Schools|242|Bluff High|");

        Assert.Equal(new TenancyChain("PII", "nc", "NC", "228", "242"), chain);
    }

    [Fact]
    public void Empty_fields_are_absent_and_blanks_are_kept()
    {
        var chain = TenancyChain.Parse("|| ||||||||||||||||");

        Assert.Equal(new TenancyChain(" ", null, null, null, null), chain);
        Assert.True(chain.IsConsortiumWide);
    }

    [Theory]
    [InlineData("")]
    [InlineData("|PII|nc|")]
    [InlineData("|id|PII|SCHOOL|||||nc|NC|||228||||242||extra|")]
    [InlineData("x|id|PII|SCHOOL|||||nc|NC|||228||||242|")]
    [InlineData("id|PII|SCHOOL|||||nc|NC|||228||||242||")]
    public void Another_number_of_fields_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => TenancyChain.Parse(text));
    }
}
