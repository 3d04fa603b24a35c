using Smarter.Core;
using Smarter.Migrator.Notifying;

namespace Smarter.Migrator.Tests.Notifying;

public sealed class NotificationTests
{
    [Theory]
    [InlineData(
        LoadStatus.Migrated, """{"total_rows_loaded": 118, "total_rows_not_loaded": 2, "error_desc": "old"}""",
        """{"status":"Success","message":["Job completed successfully"],"rowCount":118}""")]
    [InlineData(
        LoadStatus.Failed, """{"error_desc": "5012: \"grade\" is missing", "total_rows_loaded": 118}""",
        """{"status":"Failed","message":["5012: \u0022grade\u0022 is missing"]}""")]
    [InlineData(
        LoadStatus.MigrationFailed, """{"total_rows_loaded": 118}""",
        """{"status":"Failed","message":[""]}""")]
    [InlineData(
        LoadStatus.Migrated,
        """{"student_reg_guid": "reg-1", "reg_system_id": "trs-01", "academic_year": 2016, "total_rows_loaded": 9}""",
        """{"status":"Success","message":["Job completed successfully"],"id":"reg-1","testRegistrationId":"trs-01""" + "\",\"rowCount\":9}")]
    [InlineData(
        LoadStatus.Failed, """{"error_desc": "tsb error", "tsb_error": [{"err_code": 4310, "err_input": "a"}]}""",
        """{"status":"Failed","message":["tsb error"],"tsb_error":[{"err_code":4310,"err_input":"a"}]}""")]
    [InlineData(
        LoadStatus.Migrated, """{"total_rows_loaded": 1, "tsb_error": [{"err_code": 1}]}""",
        """{"status":"Success","message":["Job completed successfully"],"rowCount":1,"tsb_error":[{"err_code":1}]}""")]
    [InlineData(
        LoadStatus.Migrated, null,
        """{"status":"Success","message":["Job completed successfully"],"rowCount":0}""")]
    [InlineData(LoadStatus.Failed, "not JSON", """{"status":"Failed","message":[""]}""")]
    public void The_body_tells_the_outcome_of_the_batch(string loadStatus, string? members, string expected)
    {
        var notification = Notification.From("nc", "1-2", loadStatus, attempt: 1, members, status: null);

        Assert.Equal(expected, notification.Body);
    }

    [Theory]
    [InlineData(LoadStatus.Migrated, "Data Load - Success - Batch 1-2")]
    [InlineData(LoadStatus.Failed, "Data Load - Failed - Batch 1-2")]
    public void The_subject_tells_the_outcome_and_the_batch(string loadStatus, string expected)
    {
        var notification = Notification.From("nc", "1-2", loadStatus, attempt: 1, "{}", status: null);

        Assert.Equal(expected, notification.Subject);
    }

    [Fact]
    public void The_body_is_ASCII_whatever_the_submitter_wrote()
    {
        var notification = Notification.From(
            "nc", "1-2", LoadStatus.Failed, 1, """{"error_desc": "Ñandú \u2028 <script>"}""", null);

        Assert.All(notification.Body, character => Assert.InRange(character, ' ', '~'));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("SUCCESS")]
    public void A_status_that_is_missing_or_cannot_be_read_counts_as_nothing_tried(string? json) =>
        Assert.Equal(NotificationStatus.None, NotificationStatus.Parse(json));

    [Fact]
    public void A_status_survives_being_written_and_read()
    {
        var status = new NotificationStatus(
            new CallbackStatus("2027-05-01 08:00:00", DeliveryStatus.Pending, "Answered 408."),
            new EmailStatus("2027-05-01 08:00:00", DeliveryStatus.Success, null));

        Assert.Equal(status, NotificationStatus.Parse(status.ToJson()));
    }
}
