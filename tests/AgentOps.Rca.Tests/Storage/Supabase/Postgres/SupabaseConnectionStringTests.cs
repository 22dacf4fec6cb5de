using AgentOps.Rca.Storage.Supabase.Postgres;
using Npgsql;

namespace AgentOps.Rca.Tests.Storage.Supabase.Postgres;

public sealed class SupabaseConnectionStringTests
{
    [Theory]
    [InlineData("postgresql://postgres:pw@db.ref.supabase.co:5432/postgres", "db.ref.supabase.co:5432/postgres", "postgres", "pw", false)]
    [InlineData("postgres://postgres.ref:pw@aws-0-eu.pooler.supabase.com:5432/postgres", "aws-0-eu.pooler.supabase.com:5432/postgres", "postgres.ref", "pw", false)]
    [InlineData("postgresql://postgres.ref:pw@aws-0-eu.pooler.supabase.com:6543/postgres", "aws-0-eu.pooler.supabase.com:6543/postgres", "postgres.ref", "pw", true)]
    [InlineData("postgresql://u:p@h:5433/d?pgbouncer=true&connection_limit=1", "h:5433/d", "u", "p", true)]
    [InlineData("postgresql://u:p%40%3A%2F%25@h/d", "h:5432/d", "u", "p@:/%", false)]
    [InlineData("postgresql://u:p@ss@h/d", "h:5432/d", "u", "p@ss", false)]
    [InlineData("postgresql://u:p@[::1]:5433/d", "::1:5433/d", "u", "p", false)]
    [InlineData("postgresql://h/d?user=u&password=p", "h:5432/d", "u", "p", false)]
    [InlineData("postgresql://u:p@h", "h:5432/postgres", "u", "p", false)]
    [InlineData("Host=h;Port=6543;Database=d;Username=u;Password=p", "h:6543/d", "u", "p", true)]
    public void What_the_dashboard_gives_out_is_read(string text, string address, string user, string password, bool isPooler)
    {
        var read = SupabaseConnectionString.Parse(text, "SUPABASE_DB_URL");
        Assert.Equal((address, user, password, isPooler), (read.ToString(), read.Settings.Username, read.Settings.Password, read.IsTransactionPooler));
    }

    [Theory]
    [InlineData("postgresql://u:p@db.example/d", SslMode.Require)]
    [InlineData("Host=db.example;Username=u;Password=p", SslMode.Require)]
    [InlineData("host=db.example user=u password=p", SslMode.Require)]
    [InlineData("postgresql://u:p@db.example/d?sslmode=prefer", SslMode.Prefer)]
    [InlineData("Host=db.example;Username=u;SSL Mode=Disable", SslMode.Disable)]
    [InlineData("postgresql://u:p@localhost/d", SslMode.Prefer)]
    [InlineData("postgresql://u:p@127.0.0.1:5432/d", SslMode.Prefer)]
    [InlineData("postgresql://u:p@[::1]:5432/d", SslMode.Prefer)]
    [InlineData("host=/var/run/postgresql user=u", SslMode.Prefer)]
    [InlineData("postgresql://u:p@localhost.example/d", SslMode.Require)]
    public void Another_machine_is_reached_over_TLS_unless_something_else_is_said(string text, SslMode mode) =>
        Assert.Equal(mode, SupabaseConnectionString.Parse(text, "s").Settings.SslMode);

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("require", SslMode.Require)]
    [InlineData("no-verify", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void The_modes_of_TLS_are_libpq_s(string name, SslMode mode) =>
        Assert.Equal(mode, SupabaseConnectionString.Parse($"postgresql://u:p@h/d?sslmode={name}", "s").Settings.SslMode);

    [Theory]
    [InlineData("postgresql://u:p@h:6543/d")]
    [InlineData("Host=h;Username=u;Max Auto Prepare=50;Multiplexing=true;No Reset On Close=false;Enlist=true")]
    public void Nothing_that_a_transaction_pooler_cannot_do_is_left_on(string text)
    {
        var settings = SupabaseConnectionString.Parse(text, "s").Settings;
        Assert.Equal(0, settings.MaxAutoPrepare);
        Assert.False(settings.Multiplexing);
        Assert.False(settings.Enlist);
        Assert.True(settings.NoResetOnClose);
        Assert.Equal(GssEncryptionMode.Disable, settings.GssEncryptionMode);
    }

    [Fact]
    public void A_small_pool_a_short_wait_and_a_name_are_the_defaults_and_what_is_set_wins()
    {
        var defaults = SupabaseConnectionString.Parse("postgresql://u:p@h/d", "s").Settings;
        Assert.Equal(("AgentOps.Rca", 20, 5), (defaults.ApplicationName, defaults.MaxPoolSize, defaults.Timeout));
        var set = SupabaseConnectionString.Parse("Host=h;Application Name=mine;Maximum Pool Size=7;Timeout=9", "s").Settings;
        Assert.Equal(("mine", 7, 9), (set.ApplicationName, set.MaxPoolSize, set.Timeout));
        var uri = SupabaseConnectionString.Parse("postgresql://u:p@h/d?application_name=mine&connect_timeout=9", "s").Settings;
        Assert.Equal(("mine", 9), (uri.ApplicationName, uri.Timeout));
    }

    // Case 19: libpq's form is what other clients take.
    [Theory]
    [InlineData("host=127.0.0.1 port=5433 user=postgres password=S3cretPw dbname=d", "127.0.0.1:5433/d", "postgres", "S3cretPw", false)]
    [InlineData(" host = h\tuser=u password='a b\\'c' sslmode=require\n", "h:5432/postgres", "u", "a b'c", false)]
    [InlineData("host=h port=6543 user=u password=p=q", "h:6543/postgres", "u", "p=q", true)]
    [InlineData("host=h", "h:5432/postgres", null, null, false)]
    public void The_keywords_of_libpq_are_read_too(string text, string address, string? user, string? password, bool isPooler)
    {
        var read = SupabaseConnectionString.Parse(text, "SUPABASE_DB_URL");
        Assert.Equal((address, user, password, isPooler), (read.ToString(), read.Settings.Username, read.Settings.Password, read.IsTransactionPooler));
    }

    // Case 19: what was taken for the host's name was shown by GET / and by readiness.
    [Theory]
    [InlineData("host=h port=5432 username=u password=S3cretPw")]
    [InlineData("Host=h Port=5432 Username=u Password=S3cretPw")]
    [InlineData("Host=h;Database=d password=S3cretPw")]
    [InlineData("Host=h;Username=u password=S3cretPw")]
    [InlineData("Host=h;Password='S3cretPw")]
    [InlineData("host=h password='S3cretPw")]
    [InlineData("host=h port=S3cretPw")]
    [InlineData("host='h password=S3cretPw'")]
    [InlineData("postgresql://h/d?password=S3cretPw@x")]
    [InlineData("postgresql://h/d?user=u&password=a:S3cretPw@x")]
    [InlineData("postgresql://h/d password=S3cretPw")]
    [InlineData("postgresql://h password=S3cretPw")]
    [InlineData("postgresql://u:p@h:S3cretPw/d")]
    [InlineData("postgresql://u:S3cretPw")]
    [InlineData("jdbc:postgresql://h/d?user=u&password=S3cretPw")]
    [InlineData("\"postgresql://u:S3cretPw@h/d\"")]
    [InlineData("psql postgresql://u:S3cretPw@h/d")]
    public void A_form_that_cannot_be_read_is_refused_without_any_of_it(string text)
    {
        var problem = SupabaseConnectionString.FindProblem(text, "SUPABASE_DB_URL");

        Assert.NotNull(problem);
        Assert.StartsWith("SUPABASE_DB_URL ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", problem, StringComparison.Ordinal);
    }
}
