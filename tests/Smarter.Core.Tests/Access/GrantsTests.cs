using Smarter.Core.Access;

namespace Smarter.Core.Tests.Access;

public sealed class GrantsTests
{
    private static readonly Tenant[] Tenants = [new("nc", "NC"), new("ny", "NY")];

    [Fact]
    public void An_unknown_role_becomes_general()
    {
        var grants = Grants.From([new("pii", "ny", "NY", null, null)], Tenants);

        Assert.Equal([Role.General], grants.Roles);
        Assert.True(grants.MayView("ny"));
    }

    [Fact]
    public void A_known_role_brings_general_at_the_same_place()
    {
        var grants = Grants.From([new(Role.Pii, "ny", "NY", "123", null)], Tenants);

        Assert.Equal([Role.General, Role.Pii], grants.Roles);
        Assert.Equal(
            grants.ReachOf(Role.Pii, "ny", null, null).Ids, grants.ReachOf(Role.General, "ny", null, null).Ids);
    }

    [Theory]
    [InlineData(Role.DataLoad)]
    [InlineData(Role.None)]
    public void Who_only_submits_data_or_has_no_role_may_not_view(string role)
    {
        var grants = Grants.From([new(role, "nc", "NC", null, null)], Tenants);

        Assert.Equal([role], grants.Roles);
        Assert.False(grants.MayView("nc"));
    }

    [Fact]
    public void A_role_is_state_wide_only_where_it_is_not_held_for_a_district()
    {
        var grants = Grants.From(
            [new(Role.DataLoad, "nc", "NC", null, null), new(Role.DataLoad, "ny", "NY", "123", null)], Tenants);

        Assert.Equal(["nc"], grants.StateWideTenants(Role.DataLoad));
        Assert.Empty(grants.StateWideTenants(Role.Pii));
    }

    [Fact]
    public void Without_any_relation_the_only_role_is_none()
    {
        var grants = Grants.From([], Tenants);

        Assert.Equal([Role.None], grants.Roles);
        Assert.Empty(grants.Tenants);
        Assert.False(grants.MayView("nc"));
    }

    [Fact]
    public void A_relation_without_any_place_holds_in_every_tenant()
    {
        var grants = Grants.From([new(Role.AllStates, null, null, null, null)], Tenants);

        Assert.Equal(["nc", "ny"], grants.Tenants);
        Assert.Equal(["NC", "NY"], grants.StateCodes);
        Assert.True(grants.MayView("nc"));
        Assert.True(grants.MayView("ny"));
    }

    [Fact]
    public void A_relation_with_a_district_but_no_tenant_grants_nothing()
    {
        var grants = Grants.From([new(Role.Pii, null, null, "123", null)], Tenants);

        Assert.Equal([Role.None], grants.Roles);
    }

    [Fact]
    public void A_tenant_that_is_not_configured_grants_nothing()
    {
        var grants = Grants.From([new(Role.Pii, "zz", "ZZ", null, null)], Tenants);

        Assert.Empty(grants.Tenants);
    }

    [Theory]
    [InlineData(null, null, false, new[] { "123" })]
    [InlineData("123", null, true, new string[0])]
    [InlineData("123", "abcd", true, new string[0])]
    [InlineData("aaa", null, false, new string[0])]
    public void A_role_at_a_district_reaches_that_district_and_its_schools(
        string? districtId, string? schoolId, bool all, string[] ids)
    {
        var grants = Grants.From([new(Role.Pii, "ny", "NY", "123", null)], Tenants);

        var reach = grants.ReachOf(Role.Pii, "ny", districtId, schoolId);

        Assert.Equal(all, reach.All);
        Assert.Equal(ids, reach.Ids);
    }

    [Fact]
    public void A_role_at_a_school_is_reached_through_its_district()
    {
        var grants = Grants.From(
            [new(Role.Pii, "ny", "NY", "123", "s1"), new(Role.Pii, "ny", "NY", "123", "s2")], Tenants);

        Assert.Equal(["123"], grants.ReachOf(Role.Pii, "ny", null, null).Ids);
        Assert.Equal(["s1", "s2"], grants.ReachOf(Role.Pii, "ny", "123", null).Ids);
        Assert.True(grants.ReachOf(Role.Pii, "ny", "123", "s1").All);
        Assert.False(grants.ReachOf(Role.Pii, "ny", "123", "s3").All);
    }

    [Fact]
    public void A_wider_grant_replaces_the_narrower_ones_below_it()
    {
        var grants = Grants.From(
            [new(Role.Pii, "ny", "NY", "123", "s1"), new(Role.Pii, "ny", "NY", null, null)], Tenants);

        Assert.True(grants.ReachOf(Role.Pii, "ny", null, null).All);
    }

    [Fact]
    public void A_role_in_one_tenant_says_nothing_about_another()
    {
        var grants = Grants.From([new(Role.Pii, "ny", "NY", null, null)], Tenants);

        Assert.False(grants.MayView("nc"));
        Assert.False(grants.ReachOf(Role.Pii, "nc", null, null).All);
        Assert.False(grants.ReachOf(Role.AuditXml, "ny", null, null).All);
    }

    [Fact]
    public void The_context_of_a_role_holds_the_deepest_id_of_each_relation_only()
    {
        var grants = Grants.From(
            [new(Role.Pii, "ny", "NY", "123", "s1"), new(Role.Pii, "ny", "NY", "456", null)], Tenants);

        var context = grants.ContextOf("ny")[Role.Pii];

        Assert.Empty(context.StateCodes);
        Assert.Equal(["456"], context.DistrictIds);
        Assert.Equal(["s1"], context.SchoolIds);
    }
}
