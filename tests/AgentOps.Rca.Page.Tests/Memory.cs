using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What a page takes of the machine's memory: the largest of the processes in which the browser runs pages.</summary>
internal static class Memory
{
    private static long[] _before = [];

    /// <summary>Notes the processes that there are, so that those of a page that is opened next are told from them.</summary>
    public static async Task NoteAsync(IBrowser browser) => _before = [.. await RenderersAsync(browser)];

    /// <summary>How many MiB the processes take that came since, each its share of what it has together with others.</summary>
    public static async Task<double> MeasureAsync(IBrowser browser)
    {
        var sizes = new List<long>();
        foreach (var process in (await RenderersAsync(browser)).Except(_before))
        {
            var lines = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/smaps_rollup"));
            var share = lines.Single(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            sizes.Add(long.Parse(share.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
        }

        Assert.NotEmpty(sizes);
        return sizes.Max() / 1024.0;
    }

    private static async Task<IEnumerable<long>> RenderersAsync(IBrowser browser)
    {
        var session = await browser.NewBrowserCDPSessionAsync();
        var told = (JsonElement)(await session.SendAsync("SystemInfo.getProcessInfo"))!;
        await session.DetachAsync();
        return [.. told.GetProperty("processInfo").EnumerateArray().Where(process => process.GetProperty("type").GetString() == "renderer").Select(process => process.GetProperty("id").GetInt64())];
    }
}
