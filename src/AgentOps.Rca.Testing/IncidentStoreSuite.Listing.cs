using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Testing;

public abstract partial class IncidentStoreSuite
{
    [Fact]
    public async Task Incidents_are_listed_newest_first_then_by_id_descending()
    {
        int[] numbers = [0x10, 0x9f, 0x0a, 0x7fff_ffff, 0x8000, 0xff];
        foreach (var number in numbers)
        {
            await AddAsync(Samples.Incident(number));
        }

        await AddAsync(Samples.Incident(1, Samples.Instant.AddMicroseconds(1)));
        await AddAsync(Samples.Incident(0x7000_0000, Samples.Instant.AddMicroseconds(-1)));
        int[] expected = [1, .. numbers.OrderDescending(), 0x7000_0000];
        Assert.Equal(expected, await ListAsync(new IncidentQuery()));
        Assert.Equal(expected, await PageAsync(new IncidentQuery(), pageSize: 1));
    }

    [Fact]
    public async Task Ids_are_compared_as_their_text_is()
    {
        string[] ids =
        [
            "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-8000-000000000000", "00000000-0000-ffff-0000-000000000000",
            "00000000-8000-0000-0000-000000000000", "7fffffff-0000-0000-0000-000000000000", "80000000-0000-0000-0000-000000000000",
            "ffffffff-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ];
        foreach (var id in ids)
        {
            await AddAsync(Samples.Incident(1) with { Id = Guid.Parse(id) });
        }

        var listed = await ReadAllAsync(Incidents.ListAsync(new IncidentQuery(), TestToken));
        Assert.Equal(ids.Reverse(), listed.Select(incident => incident.Id.ToString()));
        var after = new IncidentCursor(Samples.Instant, Guid.Parse(ids[5]));
        listed = await ReadAllAsync(Incidents.ListAsync(new IncidentQuery { After = after }, TestToken));
        Assert.Equal(ids[..5].Reverse(), listed.Select(incident => incident.Id.ToString()));
    }

    [Fact]
    public async Task Every_combination_of_filters_finds_what_its_words_say()
    {
        var all = Enumerable.Range(1, 120).Select(i => Samples.Incident(
            i, Samples.Instant.AddSeconds(i * 7 % 20), $"Order-{i % 5}", $"type_{i / 5 % 3}", i % 2 == 0 ? "open" : "approved")).ToArray();
        foreach (var incident in all)
        {
            await AddAsync(incident);
        }

        var queries =
            from status in new[] { null, "open", "none" }
            from type in new[] { null, "type_1" }
            from order in new[] { null, "Order-2" }
            from text in new[] { null, "RDER-2", "e_1", "nothing" }
            from after in new IncidentCursor?[] { null, new(Samples.Instant.AddSeconds(9), Samples.Id(60)), new(Samples.Instant, Samples.Id(999)) }
            from limit in new int?[] { null, 0, 3 }
            select new IncidentQuery { Status = status, ProblemType = type, OrderId = order, Text = text, After = after, Limit = limit };
        foreach (var query in queries)
        {
            Assert.Equal(Expected(all, query), await ListAsync(query));
        }
    }

    [Theory]
    [InlineData("%", 3)]
    [InlineData("_", 3)]
    [InlineData("\\", 3)]
    [InlineData("0%", 3)]
    [InlineData("0%_\\B", 3)]
    [InlineData("'", 4)]
    [InlineData("ORDER-A", 1)]
    [InlineData("straße", 2)]
    [InlineData("STRAßE", 2)]
    [InlineData("äquator", 5)]
    public async Task Text_is_found_as_it_is_with_ascii_letters_in_any_case(string text, int number)
    {
        string[] orders = ["order-a", "Straße", "100%_\\b", "o'brien", "äquator", "ÄQUATOR"];
        for (var i = 0; i < orders.Length; i++)
        {
            await AddAsync(Samples.Incident(i + 1, orderId: orders[i], problemType: "late"));
        }

        Assert.Equal([number], await ListAsync(new IncidentQuery { Text = text }));
    }

    [Fact]
    public async Task Text_finds_the_problem_type_too_and_may_be_very_long()
    {
        var text = new string('x', 60_000);
        await AddAsync(Samples.Incident(1, problemType: "wrong_Stock"));
        await AddAsync(Samples.Incident(2, problemType: "late"));
        Assert.Equal([1], await ListAsync(new IncidentQuery { Text = "STOCK" }));
        Assert.Empty(await ListAsync(new IncidentQuery { Text = text }));
    }

    [Fact]
    public async Task Pages_visit_each_incident_once_while_others_write()
    {
        var rows = Backend.PagingRows / 2;
        foreach (var batch in Enumerable.Range(0, rows).Chunk(100))
        {
            await Task.WhenAll(batch.Select(i => AddAsync(Samples.Incident(i, Samples.Instant.AddSeconds(i / 10)))));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var writer = Task.Run(async () =>
        {
            // Bounded: a writer that is faster than the reader would keep the listing from ever ending.
            for (var i = 0; i < rows && !stop.IsCancellationRequested; i++)
            {
                await AddAsync(Samples.Incident(rows + i, Samples.Instant.AddSeconds(i * 31 % rows / 10)));
            }
        }, TestToken);
        var paged = await PageAsync(new IncidentQuery { Status = "open" }, pageSize: 97);
        var listed = await ListAsync(new IncidentQuery());
        await stop.CancelAsync();
        await writer;

        foreach (var seen in (List<int>[])[paged, listed])
        {
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Equal(Enumerable.Range(0, rows).Reverse(), seen.Where(number => number < rows));
        }
    }

    private static List<int> Expected(IEnumerable<Incident> all, IncidentQuery query) =>
    [
        .. all
            .Where(incident => query.Status is null || incident.Status == query.Status)
            .Where(incident => query.ProblemType is null || incident.ProblemType == query.ProblemType)
            .Where(incident => query.OrderId is null || incident.OrderId == query.OrderId)
            .Where(incident => query.Text is null || incident.OrderId.Contains(query.Text, StringComparison.OrdinalIgnoreCase)
                || incident.ProblemType.Contains(query.Text, StringComparison.OrdinalIgnoreCase))
            .Where(incident => query.After is not { } after || incident.CreatedTs < after.CreatedTs
                || (incident.CreatedTs == after.CreatedTs && Number(incident.Id) < Number(after.Id)))
            .OrderByDescending(incident => incident.CreatedTs).ThenByDescending(incident => Number(incident.Id))
            .Select(incident => Number(incident.Id)).Take(query.Limit ?? int.MaxValue),
    ];

    private static int Number(Guid id) => BitConverter.ToInt32(id.ToByteArray());

    private async Task<List<int>> ListAsync(IncidentQuery query) =>
        [.. (await ReadAllAsync(Incidents.ListAsync(query, TestToken))).Select(incident => Number(incident.Id))];

    private async Task<List<int>> PageAsync(IncidentQuery query, int pageSize)
    {
        List<int> numbers = [];
        while (true)
        {
            var page = await ReadAllAsync(Incidents.ListAsync(query with { Limit = pageSize }, TestToken));
            numbers.AddRange(page.Select(incident => Number(incident.Id)));
            if (page.Count < pageSize)
            {
                return numbers;
            }

            query = query with { After = new IncidentCursor(page[^1].CreatedTs, page[^1].Id) };
        }
    }
}
