using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ToolWordsTests
{
    [Theory]
    [InlineData("charge_card", true)]
    [InlineData("chargeCard", true)]
    [InlineData("modify_pending_order_items", true)]
    [InlineData("get_order", false)]
    [InlineData("check_and_book", false)]
    [InlineData("listOpenOrders", false)]
    [InlineData("open_webpage", false)]
    [InlineData("open_account", true)]
    [InlineData("weather", false)]
    public void A_tool_writes_when_its_first_telling_word_does(string tool, bool writes) => Assert.Equal(writes, ToolWords.Writes(tool));

    [Theory]
    [InlineData("search_catalog", true)]
    [InlineData("think", false)]
    [InlineData("send_list", false)]
    [InlineData("weather", false)]
    public void A_tool_looks_something_up_when_a_word_says_so_and_none_before_it_writes(string tool, bool looks) => Assert.Equal(looks, ToolWords.LooksUp(tool));

    [Fact]
    public void What_a_tool_is_about_is_its_name_without_the_verbs() => Assert.Equal(["pending", "address"], ToolWords.Subjects("modify_pending_order_address"));
}
