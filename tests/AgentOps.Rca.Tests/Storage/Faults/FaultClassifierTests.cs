using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Npgsql;

namespace AgentOps.Rca.Tests.Storage.Faults;

/// <summary>One table for each kind of failure: SQLSTATEs, HTTP replies, sockets.</summary>
public sealed class FaultClassifierTests
{
    private static readonly Dictionary<string, StoreFault> SqlStates = new()
    {
        // A transaction that the server rolled back.
        ["40000"] = StoreFault.NotDone,
        ["40001"] = StoreFault.NotDone,
        ["40P01"] = StoreFault.NotDone,
        ["55P03"] = StoreFault.NotDone,
        ["55006"] = StoreFault.NotDone,
        ["57014"] = StoreFault.NotDone,
        // Nothing was sent: no connection, no room, not up yet; PgBouncer's server_login_retry.
        ["08001"] = StoreFault.NotDone,
        ["08004"] = StoreFault.NotDone,
        ["08P01"] = StoreFault.NotDone,
        ["53300"] = StoreFault.NotDone,
        ["57P03"] = StoreFault.NotDone,
        // The pooler's doing.
        ["26000"] = StoreFault.NotDone,
        ["42P05"] = StoreFault.NotDone,
        // Disk, memory, I/O: they pass when somebody acts.
        ["53000"] = StoreFault.NotDone,
        ["53100"] = StoreFault.NotDone,
        ["53200"] = StoreFault.NotDone,
        ["53400"] = StoreFault.NotDone,
        ["58000"] = StoreFault.NotDone,
        ["58030"] = StoreFault.NotDone,
        // Nobody knows whether it happened.
        ["40003"] = StoreFault.Unknown,
        ["08000"] = StoreFault.Unknown,
        ["08003"] = StoreFault.Unknown,
        ["08006"] = StoreFault.Unknown,
        ["08007"] = StoreFault.Unknown,
        ["57P01"] = StoreFault.Unknown,
        ["57P02"] = StoreFault.Unknown,
        ["57P05"] = StoreFault.Unknown,
    };

    public static TheoryData<string> EverySqlState =>
        [.. typeof(PostgresErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(constant => constant.IsLiteral)
            .Select(constant => (string)constant.GetRawConstantValue()!).Concat(SqlStates.Keys).Distinct().Order()];

    [Theory]
    [MemberData(nameof(EverySqlState))]
    public void Every_SQLSTATE_that_PostgreSQL_knows_is_read_as_the_table_says_and_the_rest_is_permanent(string sqlState)
    {
        var expected = SqlStates.GetValueOrDefault(sqlState, StoreFault.Permanent);
        Assert.Equal(expected, SqlStateFaults.Classify(sqlState));
        Assert.Equal(expected, SupabaseFaults.Classify(Reply(sqlState, "ERROR")));
        Assert.Equal(expected, HttpFaults.Classify(HttpStatusCode.InternalServerError, sqlState));
    }

    [Theory]
    [InlineData("FATAL", "max client connections reached", StoreFault.NotDone)]
    [InlineData("FATAL", "Tenant or user not found", StoreFault.Permanent)]
    [InlineData("ERROR", "unexpected state", StoreFault.Permanent)]
    public void XX000_is_told_apart_by_who_says_it(string severity, string message, object expected) =>
        Assert.Equal(expected, SupabaseFaults.Classify(Reply("XX000", severity, message)));

    [Theory]
    [InlineData("57P01")]
    [InlineData("08006")]
    public void A_connection_that_never_came_about_has_done_nothing(string sqlState) =>
        Assert.Equal(StoreFault.NotDone, SupabaseFaults.Classify(new ConnectFailedException(Reply(sqlState, "FATAL"))));

    [Fact]
    public void A_wrong_password_is_not_tried_again() =>
        Assert.Equal(StoreFault.Permanent, SupabaseFaults.Classify(new ConnectFailedException(Reply("28P01", "FATAL"))));

    [Theory]
    [InlineData(200, "PGRST000", StoreFault.NotDone)]
    [InlineData(503, "PGRST001", StoreFault.Unknown)]
    [InlineData(503, "PGRST002", StoreFault.NotDone)]
    [InlineData(504, "PGRST003", StoreFault.NotDone)]
    [InlineData(401, "PGRST301", StoreFault.Permanent)]
    [InlineData(404, "PGRST205", StoreFault.Permanent)]
    [InlineData(500, "40001", StoreFault.NotDone)]
    [InlineData(409, "23505", StoreFault.Permanent)]
    [InlineData(403, "42501", StoreFault.Permanent)]
    [InlineData(400, null, StoreFault.Permanent)]
    [InlineData(401, null, StoreFault.Permanent)]
    [InlineData(403, null, StoreFault.Permanent)]
    [InlineData(404, null, StoreFault.Permanent)]
    [InlineData(406, null, StoreFault.Permanent)]
    [InlineData(408, null, StoreFault.Unknown)]
    [InlineData(409, null, StoreFault.Permanent)]
    [InlineData(413, null, StoreFault.Permanent)]
    [InlineData(414, null, StoreFault.Permanent)]
    [InlineData(429, null, StoreFault.NotDone)]
    [InlineData(500, null, StoreFault.Unknown)]
    [InlineData(501, null, StoreFault.Permanent)]
    [InlineData(502, null, StoreFault.Unknown)]
    [InlineData(503, null, StoreFault.Unknown)]
    [InlineData(504, null, StoreFault.Unknown)]
    [InlineData(520, null, StoreFault.Unknown)]
    [InlineData(521, null, StoreFault.Unknown)]
    [InlineData(522, null, StoreFault.Unknown)]
    [InlineData(524, null, StoreFault.Unknown)]
    [InlineData(530, null, StoreFault.Unknown)]
    public void A_reply_of_the_Data_API_is_read_by_its_code_then_by_its_status(int status, string? code, object expected) =>
        Assert.Equal(expected, HttpFaults.Classify((HttpStatusCode)status, code));

    [Theory]
    [InlineData(400, """{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}""", 409, StoreFault.Permanent)]
    [InlineData(400, """{"statusCode":"404","error":"not_found","message":"Object not found"}""", 404, StoreFault.Permanent)]
    [InlineData(400, """{"statusCode":"413","error":"Payload too large","message":"m"}""", 413, StoreFault.Permanent)]
    [InlineData(400, """{"statusCode":"403","error":"Unauthorized","message":"m"}""", 403, StoreFault.Permanent)]
    [InlineData(400, """{"statusCode":"423","error":"ResourceLocked","message":"m"}""", 423, StoreFault.NotDone)]
    [InlineData(400, """{"statusCode":"429","error":"SlowDown","message":"m"}""", 429, StoreFault.NotDone)]
    [InlineData(400, """{"statusCode":"500","error":"internal","message":"m"}""", 500, StoreFault.Unknown)]
    [InlineData(400, """{"statusCode":503,"error":"SlowDown"}""", 503, StoreFault.Unknown)]
    [InlineData(400, """{"statusCode":"544","error":"DatabaseTimeout","message":"m"}""", 544, StoreFault.Unknown)]
    [InlineData(400, """{"statusCode":"-1","message":"m"}""", 400, StoreFault.Permanent)]
    [InlineData(400, "not json", 400, StoreFault.Permanent)]
    [InlineData(502, "<html>", 502, StoreFault.Unknown)]
    [InlineData(400, "[]", 400, StoreFault.Permanent)]
    public void A_reply_of_the_Storage_API_is_read_by_the_status_in_its_body(int status, string body, int trueStatus, object expected)
    {
        var exception = BucketException.Read((HttpStatusCode)status, System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(trueStatus, (int)exception.Status);
        Assert.Equal(expected, BucketException.Classify(exception));
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, StoreFault.NotDone)]
    [InlineData(SocketError.HostUnreachable, StoreFault.NotDone)]
    [InlineData(SocketError.NetworkUnreachable, StoreFault.NotDone)]
    [InlineData(SocketError.HostDown, StoreFault.NotDone)]
    [InlineData(SocketError.NetworkDown, StoreFault.NotDone)]
    [InlineData(SocketError.TryAgain, StoreFault.NotDone)]
    [InlineData(SocketError.HostNotFound, StoreFault.NotDone)]
    [InlineData(SocketError.NoData, StoreFault.NotDone)]
    [InlineData(SocketError.AddressNotAvailable, StoreFault.NotDone)]
    [InlineData(SocketError.TooManyOpenSockets, StoreFault.NotDone)]
    [InlineData(SocketError.ConnectionReset, StoreFault.Unknown)]
    [InlineData(SocketError.ConnectionAborted, StoreFault.Unknown)]
    [InlineData(SocketError.TimedOut, StoreFault.Unknown)]
    [InlineData(SocketError.Shutdown, StoreFault.Unknown)]
    [InlineData(SocketError.AddressFamilyNotSupported, StoreFault.Permanent)]
    [InlineData(SocketError.ProtocolNotSupported, StoreFault.Permanent)]
    [InlineData(SocketError.AccessDenied, StoreFault.Permanent)]
    public void A_socket_s_failure_is_read_by_whether_anything_can_have_been_sent(SocketError error, object expected)
    {
        var socket = new SocketException((int)error);
        Assert.Equal(expected, NetworkFaults.Classify(socket));
        Assert.Equal(expected, NetworkFaults.Classify(new IOException("Unable to read.", socket)));
        Assert.Equal(expected, SupabaseFaults.Classify(new NpgsqlException("Exception while reading.", socket)));
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, StoreFault.NotDone)]
    [InlineData(HttpRequestError.NameResolutionError, StoreFault.NotDone)]
    [InlineData(HttpRequestError.SecureConnectionError, StoreFault.Permanent)]
    [InlineData(HttpRequestError.ResponseEnded, StoreFault.Unknown)]
    [InlineData(HttpRequestError.InvalidResponse, StoreFault.Unknown)]
    [InlineData(HttpRequestError.HttpProtocolError, StoreFault.Unknown)]
    [InlineData(HttpRequestError.Unknown, StoreFault.Unknown)]
    public void An_HTTP_client_s_failure_is_read_by_its_kind(HttpRequestError error, object expected) =>
        Assert.Equal(expected, NetworkFaults.Classify(new HttpRequestException(error)));

    [Fact]
    public void What_is_no_failure_of_the_network_is_none()
    {
        Assert.Null(NetworkFaults.Classify(new InvalidOperationException()));
        Assert.Equal(StoreFault.Unknown, NetworkFaults.Classify(new EndOfStreamException()));
        Assert.Equal(StoreFault.Unknown, NetworkFaults.Classify(new TimeoutException()));
        Assert.Equal(StoreFault.Permanent, NetworkFaults.Classify(new IOException("tls", new AuthenticationException())));
    }

    private static PostgresException Reply(string sqlState, string severity, string message = "m") => new(message, severity, severity, sqlState);
}
