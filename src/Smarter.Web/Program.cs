using Smarter.Hosting;
using Smarter.Web.DemoSignIn;
using Smarter.Web.Errors;
using Smarter.Web.Frame;
using Smarter.Web.Reports;
using Smarter.Web.Security;
using Smarter.Web.Submissions;
using Smarter.Web.Texts;

var builder = SmarterHost.CreateBuilder(args, "web");
builder.AddDatabases();
builder.AddSession();
builder.AddDemoSignIn();
builder.AddLanguages();
builder.AddReports();
builder.AddSubmissions();
builder.AddSitePages();

await using var app = builder.Build();
app.UseSecurityHeaders();
app.UseErrorPages();
app.UseSiteFiles();
app.UseLanguages();
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapHealth();
app.MapReports();
app.MapSubmissions();
app.MapTheme();
app.MapSession();
app.MapLanguage();
app.MapRazorPages();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
