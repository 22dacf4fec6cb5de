using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tests.Importing;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>
/// Short conversations, each with one fault or none: what was done against what the user said and what was answered. Beside each kind of fault
/// stand runs that look like it and are well.
/// </summary>
public sealed class ToldOtherwiseTests : IAsyncDisposable
{
    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    // Done otherwise than the user said and the answer repeats
    [InlineData("Move 250 EUR from ACC-2 to ACC-1.", "transfer", """{"from_account":"ACC-1","to_account":"ACC-2","amount":250}""", """{"status":"done"}""", "I have moved 250 EUR from ACC-2 to ACC-1.", "they are exchanged")]
    [InlineData("Close ticket T-4512.", "close_ticket", """{"id":"T-4521"}""", """{"closed":true}""", "Ticket T-4512 is closed.", "T-4521")]
    [InlineData("Send the minutes to kari@acme.test.", "send_email", """{"to":"karl@acme.test"}""", """{"sent":true}""", "I sent the minutes to kari@acme.test.", "called tool.call/send_email with")]
    [InlineData("Move it to 14 October.", "update_event", """{"date":"2026-10-15"}""", """{"ok":true}""", "It is moved to 14 October.", "2026-10-15")]
    [InlineData("A table at 7:30 pm, please.", "book_table", """{"time":"20:30"}""", """{"ok":true}""", "Your table is booked for 19:30.", "20:30")]
    [InlineData("Set the nursery to 70°F.", "set_thermostat", """{"targetCelsius":70}""", """{"ok":true}""", "Done.", "70 °C")]
    // No effect
    [InlineData("Set the price of SKU 88 to 19.90.", "update_price", """{"sku":"88","price":19.9}""", """{"updated":0}""", "The price has been updated.", "had changed nothing")]
    [InlineData("Delete the users.", "purge_users", """{"dry_run":true}""", """{"dry_run":true,"would_delete":42}""", "Done, I have deleted 42 users.", "had changed nothing")]
    // A state of the change itself that the answer denies, in JSON or as Python writes it
    [InlineData("Pause SUB-41.", "cancel_subscription", """{"id":"SUB-41"}""", "{'state': 'cancelled', 'ok': True}", "Your subscription SUB-41 is paused.", "the answer contradicts the result")]
    [InlineData("Pause SUB-41.", "cancel_subscription", """{"id":"SUB-41"}""", """{"state":"cancelled"}""", "Your subscription SUB-41 is paused.", "the answer contradicts the result")]
    [InlineData("Pay Ola 50.", "transfer", """{"to":"Ola","amount":50}""", """{"status":"pending_approval"}""", "Done: 50 has been transferred to Ola.", "the answer contradicts the result")]
    // Ignored
    [InlineData("Tickets since 12 October?", "search_tickets", """{"created_from":"2026-10-12"}""", """{"tickets":[{"id":1}],"warnings":["unknown parameter ignored: created_from"]}""", "There is 1 ticket.", "arguments that it does not know")]
    // No answer
    [InlineData("Where is PX-3?", "track", """{"id":"PX-3"}""", """{"status":"lost"}""", """{"name":"open_claim","arguments":{"id":"PX-3"}}""", "as text")]
    [InlineData("Where is PX-3?", "track", """{"id":"PX-3"}""", """{"status":"lost"}""", "<tool_call>\n{\"name\": \"open_claim\", \"arguments\": {}}\n</tool_call>", "as text")]
    [InlineData("Where is PX-3?", "track", """{"id":"PX-3"}""", """{"status":"lost"}""", "Agent stopped due to iteration limit or time limit.", "its limit of steps")]
    [InlineData("Where is PX-3?", "track", """{"id":"PX-3"}""", """{"status":"lost"}""", "Your parcel {{parcel_id}} is {{status}}.", "was to be replaced")]
    // Empty under a name of its own
    [InlineData("Flights to Oslo?", "search_flights", """{"to":"OSL"}""", """{"flights":[],"total":0}""", "SK 1465 leaves at 09:05 for 129 EUR.", "returned nothing")]
    public async Task A_fault_is_the_cause(string request, string tool, string arguments, string result, string answer, string says)
    {
        var report = await AnalyzeAsync(request, tool, arguments, result, answer);
        Assert.Contains(says, report.RootCause ?? report.Summary, StringComparison.Ordinal);
        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.All(report.Evidence, static evidence => Assert.True(evidence.Checked, evidence.Text));
    }

    [Theory]
    [InlineData("Move 250 EUR from ACC-2 to ACC-1.", "transfer", """{"from_account":"ACC-2","to_account":"ACC-1","amount":250}""", """{"status":"done"}""", "I have moved 250 EUR from ACC-2 to ACC-1.")]
    [InlineData("A table at 7:30 pm, please.", "book_table", """{"time":"20:30"}""", """{"ok":true}""", "At 19:30 they are full, so I booked 20:30.")]
    [InlineData("A room for the night of 14 October.", "book_room", """{"checkin":"2026-10-14","checkout":"2026-10-15"}""", """{"ok":true}""", "Your room is booked for 14 October.")]
    [InlineData("A table at 7:30 pm, please.", "book_table", """{"start":"2026-10-14T17:30:00Z"}""", """{"ok":true}""", "Your table is booked for 19:30.")]
    [InlineData("Set the nursery to 70°F.", "set_thermostat", """{"targetCelsius":21.1}""", """{"ok":true}""", "Done.")]
    [InlineData("Import the file.", "import_file", """{"path":"a.csv"}""", """{"inserted":12,"updated":0}""", "12 rows have been created.")]
    [InlineData("Send the order.", "create_order", """{"sku":"88"}""", """{"status":"pending","order":"O-1"}""", "Your order O-1 has been placed.")]
    [InlineData("How many bookings on account 6815 in September 2026?", "closing_balance", """{"account":6815}""", """{"account":6815,"balance":12.5}""", "Your account balance in September 2026: 12.50 EUR.")]
    [InlineData("Your account in September?", "closing_balance", """{"q":"x"}""", """{"account":1200,"balance":500}""", "Your account in September 2026: 500.00 EUR.")]
    [InlineData("Do we have to reorder SKU 88?", "get_stock", """{"sku":"88"}""", """{"sku":"88","stock":34}""", "Yes. The stock is below the reorder level of 50.")]
    [InlineData("How many people live in Oslo?", "get_stats", """{"c":"Oslo"}""", """{"city":"Oslo","population":709037}""", "Oslo has a population of about 0.71 million.")]
    [InlineData("Is host db1 reachable?", "ping", """{"host":"db1"}""", "Error: timeout after 5 s, 100% packet loss", "No, db1 does not answer (100 % packet loss).")]
    [InlineData("Remove /tmp/a.lock.", "delete_file", """{"path":"/tmp/a.lock"}""", "Error: ENOENT: no such file or directory", "/tmp/a.lock is already gone, nothing had to be deleted.")]
    [InlineData("What is in the deploy log?", "read_log", """{"f":"deploy.log"}""", "12:00 start\nTraceback (most recent call last):\n  File \"m.py\", line 3\nProgrammingError: relation \"users\" already exists", "Migration 14 failed, as the relation \"users\" exists already.")]
    [InlineData("What do options look like as JSON?", "get_schema", """{"name":"options"}""", """{"x":1}""", """{"name":"options","type":"object"}""")]
    [InlineData("Flights to Oslo?", "search_flights", """{"to":"OSL"}""", """{"flights":[],"total":0}""", "There are no flights to Oslo on that day.")]
    [InlineData("Write me a mail template.", "get_style", """{"id":1}""", """{"tone":"brief"}""", "Dear `{{name}}`, your order `{{order}}` is on its way.")]
    [InlineData("Why does {{name}} stay in my mail?", "get_mail", """{"id":1}""", """{"text":"Dear {{name}}"}""", "Since {{name}} has no value there.")]
    [InlineData("Set the price of SKU 88 to 19.90.", "update_price", """{"sku":"88","price":19.9}""", """{"matched":0,"upserted":1}""", "The price has been updated.")]
    public async Task What_looks_like_one_is_none(string request, string tool, string arguments, string result, string answer)
    {
        var report = await AnalyzeAsync(request, tool, arguments, result, answer);
        Assert.True(report.Verdict == RcaVerdict.Inconclusive, report.RootCause);
    }

    [Fact]
    public async Task A_failure_in_a_reading_call_is_judged_by_whether_somebody_could_still_do_the_work()
    {
        object[] detour =
        [
            User("Compare plans, then put me on the cheaper one."), .. Call("compare_plans", """{"x":1}""", "ValueError: comparison not supported"), .. Call("list_plans", "{}", """[{"plan":"SMALL-9"}]"""),
            .. Call("change_plan", """{"plan":"SMALL-9"}""", """{"changed":true}"""), Says("You have been moved to plan SMALL-9. The comparison tool failed, so I compared the list myself."),
        ];
        Assert.Equal(RcaVerdict.Inconclusive, (await AnalyzeAsync(detour)).Verdict);

        object[] stuck = [User("Where is order 7?"), .. Call("get_order", """{"id":7}""", "Error: 503 service unavailable"), Says("I could not look it up, as the service is unavailable.")];
        Assert.Equal(RcaVerdict.Identified, (await AnalyzeAsync(stuck)).Verdict);
        object[] unknown = [User("Has order 7 been shipped?"), .. Call("get_order", """{"id":7}""", "Error: 503 service unavailable"), Says("The order service is unavailable.")];
        Assert.Equal(RcaVerdict.Identified, (await AnalyzeAsync(unknown)).Verdict);
        object[] asked = [User("Can you book AB-1234 for me?"), .. Call("book_flight", """{"flight":"AB-1234"}""", "Error: no seats left"), Says("There are no seats left on AB-1234.")];
        Assert.Equal(RcaVerdict.Identified, (await AnalyzeAsync(asked)).Verdict);
    }

    [Fact]
    public async Task Of_a_traceback_what_was_raised_is_quoted_and_not_what_was_printed_after_it()
    {
        object[] run =
        [
            User("Count the papers."),
            .. Call("execute_code", """{"code":"f()"}""", "exitcode: 1 (execution failed)\nCode output: Traceback (most recent call last):\n  File \"x.py\", line 3, in f\n    g()\nTypeError: 'NoneType' object is not iterable\nSearch Result 1: A blog post"),
            Says("I could not count them."),
        ];
        var report = await AnalyzeAsync(run);
        Assert.Contains("'NoneType' object is not iterable", report.RootCause, StringComparison.Ordinal);
        Assert.DoesNotContain("blog post", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_of_several_that_nobody_named_is_not_to_be_ended_without_a_question()
    {
        const string Open = """{"orders":[{"id":"O-9001","item":"Espresso machine","status":"open","total":489.0},{"id":"O-9002","item":"Coffee beans","status":"open","total":54.0}]}""";
        const string OneOpen = """{"orders":[{"id":"O-9001","item":"Espresso machine","status":"open","total":489.0},{"id":"O-9002","item":"Coffee beans","status":"delivered","total":54.0}]}""";
        object[] lookup = Call("list_orders", """{"customer_id":"C-77"}""", Open);
        object[] end = [.. Call("cancel_order", """{"order_id":"O-9001"}""", """{"order_id":"O-9001","status":"cancelled"}"""), Says("Your order has been cancelled.")];
        var report = await AnalyzeAsync([User("Cancel my order please."), .. lookup, .. end]);
        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("with O-9001 as order_id, one of 2 that tool.call/list_orders had listed alike", report.RootCause, StringComparison.Ordinal);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));

        object[][] healthy =
        [
            [User("Cancel my order please."), .. Call("list_orders", """{"customer_id":"C-77"}""", OneOpen), .. end],
            [User("Cancel my espresso order please."), .. lookup, .. end],
            [User("Cancel my order O-9001 please."), .. lookup, .. end],
            [User("Cancel my last order please."), .. lookup, .. end],
            [User("Cancel my order please."), .. lookup, Says("Which one, the machine or the beans?"), User("The machine."), .. end],
            [User("Cancel my order please."), .. lookup, Says("Shall I cancel O-9001, the espresso machine?"), User("Please go ahead."), .. end],
            [new { role = "system", content = "Where a customer names no order, take the most recent." }, User("Cancel my order please."), .. lookup, .. end],
        ];
        foreach (var run in healthy)
        {
            Assert.Equal(RcaVerdict.Inconclusive, (await AnalyzeAsync(run)).Verdict);
        }
    }

    private Task<RcaReport> AnalyzeAsync(string request, string tool, string arguments, string result, string answer) =>
        AnalyzeAsync([User(request), .. Call(tool, arguments, result), Says(answer)]);

    private async Task<RcaReport> AnalyzeAsync(object[] messages) =>
        await _bench.AnalyzeAsync((await _bench.ImportAsync(JsonSerializer.Serialize(new { messages }))).IncidentId);

    private static object User(string content) => new { role = "user", content };

    private static object Says(string content) => new { role = "assistant", content };

    private static object[] Call(string name, string arguments, string content) =>
    [
        new { role = "assistant", tool_calls = new[] { new { id = "call_" + name, type = "function", function = new { name, arguments } } } },
        new { role = "tool", tool_call_id = "call_" + name, content },
    ];
}
