using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Tests.Analysis.Detectors;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class CommandCallTests
{
    [Theory]
    [InlineData("pytest -q", "pytest")]
    [InlineData("cd /srv/app && CI=1 npm run test -- --silent", "npm test")]
    [InlineData("python3.11 -m pytest tests -q 2>&1 | tail -15", "pytest")]
    [InlineData("sudo timeout 60 ./gradlew --info build", "gradlew build")]
    [InlineData("kubectl -n shop scale deploy/web --replicas=6", "kubectl scale")]
    [InlineData("kubectl get pods -n shop", "kubectl get")]
    [InlineData("git -C /srv/app diff --stat; git push origin main", "git diff|git push")]
    [InlineData("uv run python scripts/load.py --all", "load.py")]
    [InlineData("cat > run.py <<'E'\nimport os; os.remove('x')\nE\npython run.py", "cat|run.py")]
    [InlineData("aws s3 cp a.csv s3://bucket/a.csv && echo done", "aws s3 cp")]
    [InlineData("echo 'a && b; c'", "echo")]
    [InlineData("# look first\nls -la\n", "ls")]
    [InlineData("", "")]
    public void Commands_are_programs_with_what_they_are_to_do(string text, string names) => Assert.Equal(names, string.Join('|', CommandCall.Of(text)));

    [Theory]
    [InlineData("Bash", """{"command":"make test","description":"Run the tests"}""", "make test")]
    [InlineData("shell", """{"command":["bash","-lc","cd x && make test"]}""", "make test")]
    [InlineData("shell", """{"command":["make","test"]}""", "make test")]
    [InlineData("exec_command", """{"cmd":"make test"}""", "make test")]
    [InlineData("make", """{"command":"make test"}""", "make test")]
    [InlineData("bash", "\"make test\"", "make test")]
    [InlineData("edit_file", """{"command":"view","path":"a.py"}""", "")]
    [InlineData("search", """{"query":"make test"}""", "")]
    [InlineData("evaluate_page", """{"script":"return document.title"}""", "")]
    public async Task The_command_of_a_call_stands_where_its_tool_has_it(string tool, string arguments, string names)
    {
        var run = await new CaseBuilder().Call("run", "agent.run/a", 0, 9).Tool("t1", tool, 1, 2, arguments, "\"ok\"").ReadAsync();

        Assert.Equal(names, string.Join('|', CommandCall.Of(run.Tools[0])));
    }

    [Theory]
    [InlineData("git rm -q a.ts && rg -n 'legacy'", true)]
    [InlineData("grep -rn '1h30' tests/", true)]
    [InlineData("grep -c x a.log | sort", false)]
    [InlineData("npm ci", false)]
    public void An_exit_code_is_the_answer_of_a_search(string text, bool isAnswer) => Assert.Equal(isAnswer, CommandCall.AnswersByExitCode(text));
}
