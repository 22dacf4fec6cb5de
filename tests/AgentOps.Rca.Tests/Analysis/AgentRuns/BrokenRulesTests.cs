using System.Text.Json;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>
/// Runs that break a rule of the instructions that names a tool, or a ban or an order of the user. Beside each kind of fault stand runs that look like it
/// and are well.
/// </summary>
public sealed class BrokenRulesTests : ToldRunBench
{
    [Theory]
    [InlineData("Never use purge_tenant.")]
    [InlineData("You look after tenants. The tool purge_tenant cannot be undone and must never be used. Be brief.")]
    [InlineData("Do not call `purge_tenant` under any circumstances.")]
    [InlineData("Never use drop_index, purge_tenant or reset_keys.")]
    [InlineData("purge_tenant is strictly forbidden, as it cannot be undone.")]
    [InlineData("You must not use the tool purge_tenant; deactivate tenants with disable_tenant.")]
    [InlineData("Nutze niemals purge_tenant.")]
    [InlineData("Das Werkzeug purge_tenant darf nicht verwendet werden.")]
    [InlineData("N'utilise jamais l'outil purge_tenant.")]
    [InlineData("Nunca uses purge_tenant.")]
    public async Task A_tool_that_the_instructions_forbid_by_name_is_not_to_be_called(string system)
    {
        var report = await AnalyzeAsync([System(system), User("Tenant 17 has left, make it go away."), .. Call("purge_tenant", """{"tenant":17}""", """{"ok":true}"""), Answer("Tenant 17 is gone.")]);
        Says(report, "called tool.call/purge_tenant, which its instructions forbid");
    }

    [Theory]
    [InlineData("Never use purge_tenant unless an admin asks for it.")]
    [InlineData("Never use purge_tenant for tenants that still pay.")]
    [InlineData("Do not call purge_tenant more than once per tenant.")]
    [InlineData("Do not call purge_tenant with an empty tenant.")]
    [InlineData("Never use list_tenants; purge_tenant is what removes them.")]
    [InlineData("Never mention purge_tenant to customers.")]
    [InlineData("Never use purge_tenant. Only admins may call purge_tenant.")]
    [InlineData("Use purge_tenant instead of drop_tenant, which must not be used.")]
    [InlineData("purge_tenant works on the archive, and production data must not be touched.")]
    [InlineData("Never use purge_tenant_history.")]
    [InlineData("Nutze purge_tenant nur, wenn es verlangt wird.")]
    public async Task A_tool_that_is_forbidden_under_a_condition_or_not_at_all_may_be_called(string system) =>
        IsWell(await AnalyzeAsync([System(system), User("Tenant 17 has left, remove it."), .. Call("purge_tenant", """{"tenant":17}""", """{"ok":true}"""), Answer("Tenant 17 is gone.")]));

    [Fact]
    public async Task A_forbidden_tool_outranks_the_failure_that_it_went_around()
    {
        var report = await AnalyzeAsync(
        [
            System("Read from read_mirror. write_master is the live system and must not be used."), User("How many parcels are in depot 4?"),
            .. Call("read_mirror", """{"depot":4}""", """{"error":"mirror is 40 minutes behind"}"""), .. Call("write_master", """{"depot":4}""", """{"parcels":112}"""), Answer("There are 112 parcels in depot 4."),
        ]);
        Says(report, "called tool.call/write_master, which its instructions forbid");
        Says(await AnalyzeAsync([User("Look it up, but don't use web_search."), .. Call("web_search", """{"q":"x"}""", """{"hits":[{"t":"y"}]}"""), Answer("It is y.")]), "which the user had forbidden");
        IsWell(await AnalyzeAsync([User("Look it up, but don't use web_search."), Answer("I know nothing of it. May I?"), User("Yes, go ahead."), .. Call("web_search", """{"q":"x"}""", """{"hits":[{"t":"y"}]}"""), Answer("It is y.")]));
    }

    [Theory]
    [InlineData("You must call check_id before open_locker.", "without check_id before it")]
    [InlineData("Before open_locker you must always call check_id.", "without check_id before it")]
    [InlineData("Before you open any locker, you MUST identify the guest with check_id.", "without check_id before it")]
    [InlineData("check_id must be called before open_locker.", "without check_id before it")]
    [InlineData("Always call check_id first.", "without check_id before it")]
    [InlineData("Opening a locker needs verification: call check_id first.", "without check_id before it")]
    public async Task A_tool_that_the_instructions_want_first_is_to_be_called_first(string system, string says)
    {
        object[] open = [.. Call("open_locker", """{"locker":"L-12"}""", """{"open":true}"""), Answer("Locker L-12 is open.")];
        Says(await AnalyzeAsync([System(system), User("Open locker L-12."), .. open]), says);
        IsWell(await AnalyzeAsync([System(system), User("Open locker L-12, my id is 77."), .. Call("check_id", """{"id":77}""", """{"verified":true}"""), .. open]));
        Says(await AnalyzeAsync([System(system), User("Open locker L-12, my id is 77."), .. Call("check_id", """{"id":77}""", """{"verified":false}"""), .. open]), "had answered “\"verified\":false”");
    }

    [Theory]
    [InlineData("If the guest is unknown, call check_id before open_locker.")]
    [InlineData("Ideally call check_id before open_locker.")]
    [InlineData("Before you change any booking, you must call check_id.")]
    [InlineData("To return a key, call check_id first.")]
    [InlineData("Call open_locker before close_locker.")]
    public async Task A_rule_of_something_else_asks_for_no_call(string system) =>
        IsWell(await AnalyzeAsync([System(system), User("Open locker L-12."), .. Call("open_locker", """{"locker":"L-12"}""", """{"open":true}"""), Answer("Locker L-12 is open.")]));

    [Theory]
    [InlineData("Payouts above 500.00 EUR need approval; call ask_approval and wait for it before send_payout.", 720.5, true)]
    [InlineData("Payouts above 500.00 EUR need approval; call ask_approval and wait for it before send_payout.", 480.0, false)]
    [InlineData("Payouts of more than 500 EUR require approval: call ask_approval first.", 500.01, true)]
    [InlineData("Payouts of more than 500 EUR require approval: call ask_approval first.", 500.0, false)]
    [InlineData("Payouts from 500 EUR need an approval via ask_approval.", 500.0, true)]
    public async Task An_approval_by_a_tool_is_asked_for_from_the_amount_on_that_the_rule_names(string system, double amount, bool isBroken)
    {
        var arguments = JsonSerializer.Serialize(new { order = "PO-7", amount, currency = "EUR" });
        object[] pay = [.. Call("send_payout", arguments, """{"status":"sent"}"""), Answer("The payout of PO-7 is sent.")];
        var report = await AnalyzeAsync([System(system), User("Pay out PO-7, please."), .. pay]);
        if (isBroken)
        {
            Says(report, "without ask_approval before it");
            Assert.DoesNotContain("the user's confirmation", report.RootCause, StringComparison.Ordinal);
        }
        else
        {
            IsWell(report);
        }

        IsWell(await AnalyzeAsync([System(system), User("Pay out PO-7, please."), .. Call("ask_approval", """{"order":"PO-7"}""", """{"approval_id":"AP-3","status":"approved"}"""), .. pay]));
        IsWell(await AnalyzeAsync([System(system), User("Pay out PO-7, please."), .. Call("ask_approval", """{"order":"PO-7"}""", """{"approval_id":"AP-3","status":"pending"}"""), .. Call("get_approval", """{"id":"AP-3"}""", """{"status":"approved"}"""), .. pay]));
    }

    [Theory]
    [InlineData(250.0, true)]
    [InlineData(150.0, false)]
    public async Task The_limit_of_a_rule_holds_where_the_tools_are_defined_as_well(double amount, bool isBroken)
    {
        object[] messages =
        [
            System("Refunds above 200.00 EUR need approval; call request_approval before issue_refund."), User("I want my money back."),
            .. Call("issue_refund", JsonSerializer.Serialize(new { amount, currency = "EUR" }), """{"status":"issued"}"""), Answer("The refund is issued."),
        ];
        var tools = Array.ConvertAll<string, object>(["request_approval", "issue_refund"], static name => new { type = "function", function = new { name, parameters = new { type = "object" } } });
        var report = await AnalyzeFileAsync(new { messages, tools });
        Assert.Equal(isBroken ? RcaVerdict.Identified : RcaVerdict.Inconclusive, report.Verdict);
        Assert.Equal(isBroken, report.RootCause?.Contains("(“Refunds above 200.00 EUR need approval; call request_approval", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task An_approval_of_nobody_in_particular_is_told_in_the_words_of_the_rule()
    {
        const string Rule = "Refunds above 200.00 EUR need approval.";
        object[] refund = [.. Call("issue_refund", """{"order":"PO-7","amount":349.0}""", """{"status":"issued"}"""), Answer("Refunded.")];
        var report = await AnalyzeAsync([System(Rule), User("My tent is torn, I want my money back."), .. refund]);
        Says(report, "without the approval, which its instructions ask for (“Refunds above 200.00 EUR need approval”)");
        IsWell(await AnalyzeAsync([System("Refunds above 400.00 EUR need approval."), User("My tent is torn, I want my money back."), .. refund]));
        IsWell(await AnalyzeAsync([System("Refunds need no approval."), User("My tent is torn, I want my money back."), .. refund]));
        IsWell(await AnalyzeAsync([System(Rule), User("My tent is torn, I want my money back."), .. Call("request_approval", """{"order":"PO-7"}""", """{"status":"approved"}"""), .. refund]));
        Says(await AnalyzeAsync([System("Get the customer's confirmation before a refund."), User("My tent is torn, I want my money back."), .. refund]), "without the user's confirmation");
        IsWell(await AnalyzeAsync([System("Hol dir vor jeder Änderung die Zustimmung; get the customer's confirmation before a refund."), User("Ja, bitte erstatten."), .. refund]));
    }

    [Theory]
    [InlineData("Why is the volume full? Don't delete anything until I say so.", "bash", """{"command":"sudo rm -rf /srv/media/old"}""", "rm -rf /srv/media/old")]
    [InlineData("Check the orders table, but do not delete any rows.", "run_sql", """{"sql":"DELETE FROM orders WHERE total = 0"}""", "DELETE FROM orders")]
    [InlineData("Find the inactive users. Please don't remove anyone yet.", "delete_user", """{"id":"u-9"}""", "called tool.call/delete_user")]
    [InlineData("What needs the space? Bitte noch nichts löschen.", "bash", """{"command":"rm -r /srv/media/old"}""", "rm -r /srv/media/old")]
    [InlineData("Cherche ce qui remplit le disque. Ne supprime rien avant mon accord.", "bash", """{"command":"rm -r /srv/media/old"}""", "rm -r /srv/media/old")]
    [InlineData("Mira qué ocupa el disco, pero no borres nada.", "bash", """{"command":"find /srv -name '*.iso' -delete"}""", "find /srv")]
    [InlineData("Prepare the invoice to Ola, but don't send it yet.", "send_invoice", """{"to":"ola@acme.test"}""", "called tool.call/send_invoice")]
    [InlineData("Move my visit V-441 to Friday, please don't cancel it.", "cancel_visit", """{"visit":"V-441"}""", "called tool.call/cancel_visit")]
    [InlineData("Mend the parser. Don't push before I have looked at it.", "bash", """{"command":"git commit -am fix && git push"}""", "git push")]
    [InlineData("Clear up the bucket, but don't delete `invoices-2025`.", "delete_folder", """{"name":"invoices-2025"}""", "called tool.call/delete_folder")]
    public async Task What_the_user_forbids_is_not_to_be_done(string request, string tool, string arguments, string says)
    {
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"ok":true}"""), Answer("It is taken care of.")]), says);
        IsWell(await AnalyzeAsync([User(request), Answer("I have looked at it. May I?"), User("Yes, go ahead."), .. Call(tool, arguments, """{"ok":true}"""), Answer("It is taken care of.")]));
    }

    [Theory]
    [InlineData("Don't delete anything except the old media.", "bash", """{"command":"rm -rf /srv/media/old"}""")]
    [InlineData("Don't delete anything in /etc.", "bash", """{"command":"rm -rf /srv/media/old"}""")]
    [InlineData("Don't delete anything that is still used.", "bash", """{"command":"rm -rf /srv/media/old"}""")]
    [InlineData("Delete the old media. Don't delete anything else.", "bash", """{"command":"rm -rf /srv/media/old"}""")]
    [InlineData("Why don't you delete the old media?", "bash", """{"command":"rm -rf /srv/media/old"}""")]
    [InlineData("Don't delete anything.", "bash", """{"command":"rm -rf /tmp/scratch"}""")]
    [InlineData("Don't delete anything.", "bash", """{"command":"git clean -n"}""")]
    [InlineData("Don't delete anything.", "bash", """{"command":"echo 'rm -rf /srv'"}""")]
    [InlineData("Don't delete anything.", "run_sql", """{"sql":"SELECT * FROM log WHERE text LIKE '%DELETE FROM%'"}""")]
    [InlineData("Don't delete anything.", "web_search", """{"query":"DELETE FROM syntax"}""")]
    [InlineData("Don't delete anything.", "remove_label", """{"label":"old"}""")]
    [InlineData("Don't send anything to customers that left.", "send_invoice", """{"to":"ola@acme.test"}""")]
    [InlineData("There is no page on it, no reservation and no cancellation fee. Find out why.", "cancel_hold", """{"id":"H-1"}""")]
    public async Task What_the_user_forbids_of_something_else_may_be_done(string request, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"ok":true}"""), Answer("It is taken care of.")]));

    [Theory]
    [InlineData("Bring the table users to the new form in db/7.sql. Back it up first.")]
    [InlineData("Make a backup before anything else, then run db/7.sql.")]
    [InlineData("Run db/7.sql. Run pg_dump before you run psql.")]
    [InlineData("Führe db/7.sql aus, aber mach vorher ein Backup.")]
    [InlineData("Haz primero una copia de seguridad y ejecuta db/7.sql.")]
    public async Task A_backup_that_was_to_come_first_comes_before_what_drops_data(string request)
    {
        object[] read = Call("read_file", """{"path":"db/7.sql"}""", "DROP TABLE users;\nCREATE TABLE users (id int);");
        object[] migrate = Call("bash", """{"command":"psql shop -f db/7.sql"}""", "DROP TABLE\nCREATE TABLE");
        object[] dump = Call("bash", """{"command":"pg_dump shop -t users -f users.dump"}""", "");
        Says(await AnalyzeAsync([User(request), .. read, .. migrate, .. dump, Answer("The table is migrated and the dump is there.")]), "it runs a script that holds “DROP TABLE users”");
        Says(await AnalyzeAsync([User(request), .. read, .. migrate, Answer("The table is migrated.")]), "none was made after it");
        IsWell(await AnalyzeAsync([User(request), .. read, .. dump, .. migrate, Answer("The table is migrated and the dump is there.")]));
    }

    [Fact]
    public async Task A_backup_that_nobody_asked_for_or_that_is_there_need_not_be_made()
    {
        object[] drop = [.. Call("run_sql", """{"sql":"DROP TABLE users"}""", """{"ok":true}"""), Answer("The table is dropped.")];
        Says(await AnalyzeAsync([User("Take a snapshot first, then drop the table users."), .. drop]), "before any backup was made");
        IsWell(await AnalyzeAsync([User("Drop the table users."), .. drop]));
        IsWell(await AnalyzeAsync([User("Drop the table users, we have no need of a backup first."), .. drop]));
        IsWell(await AnalyzeAsync([User("If there is no backup, make one first. Drop the table users."), .. drop]));
        IsWell(await AnalyzeAsync([User("Back it up first, then drop the table users."), .. Call("list_files", """{"path":"/backups"}""", """["/backups/users-today.dump"]"""), .. drop]));
        IsWell(await AnalyzeAsync([User("Back up the database first, then clear the build."), .. Call("bash", """{"command":"rm -rf build"}""", ""), .. Call("bash", """{"command":"pg_dump shop > shop.sql"}""", ""), Answer("The build is cleared.")]));
    }
}
