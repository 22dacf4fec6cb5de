using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Tests.Identity;

public sealed class PersonNamesTests
{
    [Theory]
    [InlineData("alice", "Alice ")]
    [InlineData("alice", "ALICE")]
    [InlineData("alice", "al\u200Bice")]
    [InlineData("alice", "alice\u00AD")]
    [InlineData("alice", "\u202Ealice\u202C")]
    [InlineData("alice", "ＡＬＩＣＥ")]
    [InlineData("José", "Jose\u0301")]
    [InlineData("José", "Jose")]
    [InlineData("Nguyễn", "Nguye\u0302\u0303n")]
    [InlineData("ann lee", "ann\u00A0lee")]
    public void Names_that_differ_in_what_nobody_sees_are_the_same_person(string left, string right) => Assert.True(PersonNames.AreTheSame(left, right));

    [Theory]
    [InlineData("alice", "bob")]
    [InlineData("alice", "alicia")]
    [InlineData("李雷", "韩梅梅")]
    [InlineData("alice@a.example", "alice@b.example")]
    public void Other_names_are_other_people(string left, string right) => Assert.False(PersonNames.AreTheSame(left, right));

    [Fact]
    public void Half_a_character_is_folded_too() => Assert.False(PersonNames.AreTheSame("\uD83D", "bob"));
}
